-- AlterTable
ALTER TABLE `Trade` ADD COLUMN `round` INTEGER NOT NULL DEFAULT 0,
    MODIFY `leg` ENUM('close', 'open', 'stop') NOT NULL;

-- CreateTable
CREATE TABLE `Protection` (
    `subscriptionId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `side` ENUM('long', 'short') NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `accountId` CHAR(32) NOT NULL,
    `strategyId` CHAR(32) NOT NULL,
    `signalId` CHAR(32) NOT NULL,
    `stopPrice` DECIMAL(36, 18) NULL,
    `stopShare` DECIMAL(36, 18) NULL,
    `takePrice` DECIMAL(36, 18) NULL,
    `takeShare` DECIMAL(36, 18) NULL,
    `open` BOOLEAN NOT NULL DEFAULT true,
    `tradeId` CHAR(32) NULL,
    `round` INTEGER NOT NULL DEFAULT 0,
    `request` ENUM('none', 'place', 'change', 'cancel', 'spent') NOT NULL DEFAULT 'none',
    `confirmed` BOOLEAN NOT NULL DEFAULT true,
    `askedQuantity` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `askedStop` DECIMAL(36, 18) NULL,
    `askedTake` DECIMAL(36, 18) NULL,
    `sentAt` DATETIME(3) NULL,
    `failures` INTEGER NOT NULL DEFAULT 0,
    `code` VARCHAR(60) NULL,
    `message` VARCHAR(300) NULL,
    `nextAt` DATETIME(3) NOT NULL,
    `claimedBy` VARCHAR(64) NULL,
    `claimedUntil` DATETIME(3) NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Protection_open_nextAt_idx`(`open`, `nextAt`),
    INDEX `Protection_accountId_open_idx`(`accountId`, `open`),
    INDEX `Protection_tenantId_instrumentId_open_idx`(`tenantId`, `instrumentId`, `open`),
    INDEX `Protection_claimedBy_idx`(`claimedBy`),
    PRIMARY KEY (`subscriptionId`, `instrumentId`, `side`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateIndex
CREATE UNIQUE INDEX `Trade_signalId_subscriptionId_leg_round_key` ON `Trade`(`signalId`, `subscriptionId`, `leg`, `round`);

-- DropIndex
DROP INDEX `Trade_signalId_subscriptionId_leg_key` ON `Trade`;
