-- How an instrument stands at its venue, and when it ends there.
ALTER TABLE `Instrument`
    ADD COLUMN `state` ENUM('live', 'suspended', 'preopen', 'post_only', 'rebase', 'settling', 'test', 'unreadable', 'gone') NOT NULL DEFAULT 'live',
    ADD COLUMN `endsAt` DATETIME(3) NULL;

UPDATE `Instrument` SET `state` = 'suspended' WHERE `tradable` = false;
