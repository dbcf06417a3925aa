-- What keeps an exit from being tried, for the pages.
ALTER TABLE `PositionExit` ADD COLUMN `obstacle` VARCHAR(60) NULL;
