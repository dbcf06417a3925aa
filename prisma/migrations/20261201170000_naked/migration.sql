-- Since when a position lacks its stop order, what kept it so, and whether it was told.
ALTER TABLE `Protection` ADD COLUMN `uncoveredSince` DATETIME(3) NULL,
    ADD COLUMN `hinderedAt` DATETIME(3) NULL,
    ADD COLUMN `toldAt` DATETIME(3) NULL;

ALTER TABLE `PositionExit` ADD COLUMN `hinderedAt` DATETIME(3) NULL;

CREATE INDEX `Protection_uncoveredSince_idx` ON `Protection`(`uncoveredSince`);
