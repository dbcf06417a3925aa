-- CreateTable
CREATE TABLE `Platform` (
    `id` INTEGER NOT NULL,
    `killSwitch` ENUM('none', 'halt', 'reduce_only', 'flatten') NOT NULL DEFAULT 'none',
    `killSwitchAt` DATETIME(3) NULL,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- AlterTable
ALTER TABLE `Tenant` ADD COLUMN `killSwitchAt` DATETIME(3) NULL;

-- AlterTable
ALTER TABLE `Customer` ADD COLUMN `killSwitchAt` DATETIME(3) NULL;

-- AlterTable
ALTER TABLE `Strategy` ADD COLUMN `killSwitchAt` DATETIME(3) NULL;

-- AlterTable
ALTER TABLE `Subscription` ADD COLUMN `driftPolicy` ENUM('off', 'alert', 'repair') NOT NULL DEFAULT 'alert';

-- CreateTable
CREATE TABLE `PositionDrift` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `accountId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `side` ENUM('long', 'short') NOT NULL,
    `subscriptionId` CHAR(32) NULL,
    `kind` ENUM('missing', 'extra', 'ghost', 'size') NOT NULL,
    `booked` DECIMAL(36, 18) NOT NULL,
    `held` DECIMAL(36, 18) NOT NULL,
    `repaired` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `firstSeenAt` DATETIME(3) NOT NULL,
    `lastSeenAt` DATETIME(3) NOT NULL,
    `resolvedAt` DATETIME(3) NULL,

    INDEX `PositionDrift_tenantId_resolvedAt_firstSeenAt_idx`(`tenantId`, `resolvedAt`, `firstSeenAt`),
    INDEX `PositionDrift_accountId_resolvedAt_idx`(`accountId`, `resolvedAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateIndex
CREATE INDEX `Tenant_killSwitch_idx` ON `Tenant`(`killSwitch`);

-- CreateIndex
CREATE INDEX `Customer_killSwitch_idx` ON `Customer`(`killSwitch`);

-- CreateIndex
CREATE INDEX `Strategy_killSwitch_idx` ON `Strategy`(`killSwitch`);
