-- A signal of our own waits for no turn among those of its leader.
ALTER TABLE `Signal` ADD COLUMN `ours` BOOLEAN NOT NULL DEFAULT false;

-- Those that are at work now keep their place in their lane.
CREATE INDEX `Signal_sourceId_instrumentId_ours_status_sequence_idx` ON `Signal`(`sourceId`, `instrumentId`, `ours`, `status`, `sequence`);

DROP INDEX `Signal_sourceId_instrumentId_status_sequence_idx` ON `Signal`;

-- Exits that are followed until nothing is held.
CREATE TABLE `PositionExit` (
    `subscriptionId` CHAR(32) COLLATE utf8mb4_bin NOT NULL,
    `instrumentId` VARCHAR(60) COLLATE utf8mb4_bin NOT NULL,
    `side` ENUM('long', 'short') NOT NULL,
    `tenantId` CHAR(32) COLLATE utf8mb4_bin NOT NULL,
    `customerId` CHAR(32) COLLATE utf8mb4_bin NOT NULL,
    `accountId` CHAR(32) COLLATE utf8mb4_bin NOT NULL,
    `strategyId` CHAR(32) COLLATE utf8mb4_bin NOT NULL,
    `sourceId` CHAR(32) COLLATE utf8mb4_bin NOT NULL,
    `cause` ENUM('flatten', 'crossed', 'leader_left', 'share') NOT NULL,
    `dueAt` DATETIME(3) NOT NULL,
    `doneAt` DATETIME(3) NULL,
    `lapsed` BOOLEAN NOT NULL DEFAULT false,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `nextAt` DATETIME(3) NOT NULL,
    `look` BOOLEAN NOT NULL DEFAULT false,
    `most` DECIMAL(36, 18) NULL,
    `code` VARCHAR(60) NULL,
    `message` VARCHAR(300) NULL,
    `signalId` CHAR(32) COLLATE utf8mb4_bin NULL,
    `toldAt` DATETIME(3) NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `PositionExit_doneAt_idx`(`doneAt`),
    INDEX `PositionExit_signalId_idx`(`signalId`),
    INDEX `PositionExit_tenantId_doneAt_dueAt_idx`(`tenantId`, `doneAt`, `dueAt`),
    PRIMARY KEY (`subscriptionId`, `instrumentId`, `side`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
