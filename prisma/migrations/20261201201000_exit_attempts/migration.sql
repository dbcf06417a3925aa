-- Which attempt of its exits a signal of ours is, and the one that came after it where it achieved nothing.
ALTER TABLE `Signal` ADD COLUMN `attempt` INT NOT NULL DEFAULT 1,
    ADD COLUMN `followedBy` CHAR(32) COLLATE utf8mb4_bin NULL;

CREATE INDEX `Signal_tenantId_followedBy_sequence_idx` ON `Signal`(`tenantId`, `followedBy`, `sequence`);

-- The signal that tried an exit last, and when it was told that a close of it was refused.
ALTER TABLE `PositionExit` ADD COLUMN `lastSignalId` CHAR(32) COLLATE utf8mb4_bin NULL,
    ADD COLUMN `refusalToldAt` DATETIME(3) NULL;
