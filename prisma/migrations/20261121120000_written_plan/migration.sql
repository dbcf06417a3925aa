-- CreateTable
CREATE TABLE `WrittenPlan` (
    `signalId` CHAR(32) NOT NULL,
    `part` INTEGER NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `shape` LONGTEXT NOT NULL,
    `trades` LONGTEXT NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,

    INDEX `WrittenPlan_tenantId_idx`(`tenantId`),
    PRIMARY KEY (`signalId`, `part`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
