-- CreateTable
CREATE TABLE `Tenant` (
    `id` CHAR(32) NOT NULL,
    `name` VARCHAR(100) NOT NULL,
    `slug` VARCHAR(50) NOT NULL,
    `killSwitch` ENUM('none', 'halt', 'reduce_only', 'flatten') NOT NULL DEFAULT 'none',
    `wrappedKey` VARCHAR(255) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Tenant_slug_key`(`slug`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `User` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `email` VARCHAR(190) NOT NULL,
    `passwordHash` VARCHAR(255) NOT NULL,
    `role` ENUM('admin', 'operator', 'customer') NOT NULL,
    `customerId` CHAR(32) NULL,
    `locale` VARCHAR(10) NOT NULL DEFAULT 'zh',
    `failedLogins` INTEGER NOT NULL DEFAULT 0,
    `lockedUntil` DATETIME(3) NULL,
    `lastLoginAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `User_email_key`(`email`),
    INDEX `User_tenantId_role_idx`(`tenantId`, `role`),
    INDEX `User_customerId_idx`(`customerId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `ApiToken` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `name` VARCHAR(100) NOT NULL,
    `tokenHash` CHAR(64) NOT NULL,
    `prefix` VARCHAR(12) NOT NULL,
    `role` ENUM('admin', 'operator', 'customer') NOT NULL,
    `customerId` CHAR(32) NULL,
    `expiresAt` DATETIME(3) NULL,
    `revokedAt` DATETIME(3) NULL,
    `lastUsedAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    UNIQUE INDEX `ApiToken_tokenHash_key`(`tokenHash`),
    INDEX `ApiToken_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    INDEX `ApiToken_customerId_idx`(`customerId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Customer` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `name` VARCHAR(100) NOT NULL,
    `status` ENUM('active', 'suspended') NOT NULL DEFAULT 'active',
    `killSwitch` ENUM('none', 'halt', 'reduce_only', 'flatten') NOT NULL DEFAULT 'none',
    `initialBalance` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `maxLeverage` DECIMAL(36, 18) NOT NULL DEFAULT 10,
    `maxOrderShare` DECIMAL(36, 18) NULL,
    `maxSymbolShare` DECIMAL(36, 18) NULL,
    `maxTotalShare` DECIMAL(36, 18) NULL,
    `note` VARCHAR(500) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Customer_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    INDEX `Customer_tenantId_status_createdAt_idx`(`tenantId`, `status`, `createdAt`),
    INDEX `Customer_tenantId_name_idx`(`tenantId`, `name`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `ExchangeAccount` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `venue` VARCHAR(20) NOT NULL,
    `label` VARCHAR(100) NOT NULL,
    `mode` ENUM('simulated', 'demo', 'live') NOT NULL DEFAULT 'demo',
    `credentials` TEXT NOT NULL,
    `keyHint` VARCHAR(8) NOT NULL,
    `marginMode` ENUM('cross', 'isolated') NOT NULL DEFAULT 'cross',
    `positionMode` ENUM('net', 'long_short') NOT NULL DEFAULT 'net',
    `health` ENUM('unchecked', 'healthy', 'failing') NOT NULL DEFAULT 'unchecked',
    `healthCode` VARCHAR(60) NULL,
    `preflight` JSON NULL,
    `checkedAt` DATETIME(3) NULL,
    `equity` DECIMAL(36, 18) NULL,
    `available` DECIMAL(36, 18) NULL,
    `equityAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `ExchangeAccount_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    INDEX `ExchangeAccount_tenantId_customerId_createdAt_idx`(`tenantId`, `customerId`, `createdAt`),
    INDEX `ExchangeAccount_customerId_idx`(`customerId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `AccountLeverage` (
    `accountId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `marginMode` ENUM('cross', 'isolated') NOT NULL,
    `leverage` DECIMAL(36, 18) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    PRIMARY KEY (`accountId`, `instrumentId`, `marginMode`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Instrument` (
    `id` VARCHAR(60) NOT NULL,
    `venue` VARCHAR(20) NOT NULL,
    `symbol` VARCHAR(40) NOT NULL,
    `baseCurrency` VARCHAR(20) NOT NULL,
    `quoteCurrency` VARCHAR(20) NOT NULL,
    `settleCurrency` VARCHAR(20) NOT NULL,
    `contractValue` DECIMAL(36, 18) NOT NULL,
    `lotSize` DECIMAL(36, 18) NOT NULL,
    `minSize` DECIMAL(36, 18) NOT NULL,
    `maxMarketSize` DECIMAL(36, 18) NULL,
    `tickSize` DECIMAL(36, 18) NOT NULL,
    `maxLeverage` DECIMAL(36, 18) NOT NULL,
    `tradable` BOOLEAN NOT NULL DEFAULT true,
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Instrument_venue_symbol_key`(`venue`, `symbol`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `SignalSource` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `name` VARCHAR(100) NOT NULL,
    `kind` ENUM('webhook', 'lead_account', 'strategy', 'manual') NOT NULL DEFAULT 'webhook',
    `venue` VARCHAR(20) NOT NULL,
    `format` VARCHAR(30) NOT NULL DEFAULT 'auto',
    `tokenHash` CHAR(64) NOT NULL,
    `tokenSealed` VARCHAR(512) NOT NULL,
    `hmacSealed` VARCHAR(512) NULL,
    `allowedIps` JSON NULL,
    `maxLagMs` INTEGER NOT NULL DEFAULT 60000,
    `leaderEquity` DECIMAL(36, 18) NOT NULL DEFAULT 10000,
    `enabled` BOOLEAN NOT NULL DEFAULT true,
    `lastSignalAt` DATETIME(3) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `SignalSource_tokenHash_key`(`tokenHash`),
    INDEX `SignalSource_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Strategy` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `signalSourceId` CHAR(32) NOT NULL,
    `name` VARCHAR(100) NOT NULL,
    `description` VARCHAR(1000) NULL,
    `status` ENUM('active', 'paused') NOT NULL DEFAULT 'active',
    `killSwitch` ENUM('none', 'halt', 'reduce_only', 'flatten') NOT NULL DEFAULT 'none',
    `followRatio` DECIMAL(36, 18) NOT NULL DEFAULT 0.1,
    `sizingMode` ENUM('ratio', 'equity_proportional', 'fixed_notional', 'fixed_margin', 'percent_balance', 'risk_percent', 'fixed_quantity') NOT NULL DEFAULT 'ratio',
    `sizingValue` DECIMAL(36, 18) NULL,
    `defaultLeverage` DECIMAL(36, 18) NOT NULL DEFAULT 1,
    `maxLeverage` DECIMAL(36, 18) NOT NULL DEFAULT 10,
    `symbols` JSON NULL,
    `maxSlippage` DECIMAL(36, 18) NULL,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Strategy_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    INDEX `Strategy_signalSourceId_status_idx`(`signalSourceId`, `status`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Subscription` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `strategyId` CHAR(32) NOT NULL,
    `accountId` CHAR(32) NOT NULL,
    `status` ENUM('active', 'paused', 'ended') NOT NULL DEFAULT 'active',
    `followRatio` DECIMAL(36, 18) NULL,
    `sizingMode` ENUM('ratio', 'equity_proportional', 'fixed_notional', 'fixed_margin', 'percent_balance', 'risk_percent', 'fixed_quantity') NULL,
    `sizingValue` DECIMAL(36, 18) NULL,
    `maxLeverage` DECIMAL(36, 18) NULL,
    `maxOrderShare` DECIMAL(36, 18) NULL,
    `maxSymbolShare` DECIMAL(36, 18) NULL,
    `maxTotalShare` DECIMAL(36, 18) NULL,
    `maxSlippage` DECIMAL(36, 18) NULL,
    `forceMinimum` BOOLEAN NOT NULL DEFAULT false,
    `reverse` BOOLEAN NOT NULL DEFAULT false,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Subscription_strategyId_accountId_key`(`strategyId`, `accountId`),
    INDEX `Subscription_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    INDEX `Subscription_tenantId_customerId_createdAt_idx`(`tenantId`, `customerId`, `createdAt`),
    INDEX `Subscription_accountId_idx`(`accountId`),
    INDEX `Subscription_customerId_idx`(`customerId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `SignalLane` (
    `sourceId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `leaderSide` ENUM('long', 'short') NULL,
    `leaderSize` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `updatedAt` DATETIME(3) NOT NULL,

    PRIMARY KEY (`sourceId`, `instrumentId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Signal` (
    `id` CHAR(32) NOT NULL,
    `sequence` BIGINT NOT NULL AUTO_INCREMENT,
    `tenantId` CHAR(32) NOT NULL,
    `sourceId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `idempotencyKey` VARCHAR(190) NOT NULL,
    `format` VARCHAR(30) NOT NULL,
    `status` ENUM('received', 'planning', 'dispatching', 'done', 'rejected') NOT NULL DEFAULT 'received',
    `intent` JSON NOT NULL,
    `rawBody` TEXT NOT NULL,
    `rejectCode` VARCHAR(60) NULL,
    `plan` JSON NULL,
    `claimedBy` VARCHAR(64) NULL,
    `claimToken` INTEGER NOT NULL DEFAULT 0,
    `claimedUntil` DATETIME(3) NULL,
    `sentAt` DATETIME(3) NOT NULL,
    `expiresAt` DATETIME(3) NOT NULL,
    `receivedAt` DATETIME(3) NOT NULL,
    `plannedAt` DATETIME(3) NULL,
    `firstSentAt` DATETIME(3) NULL,
    `lastAckAt` DATETIME(3) NULL,
    `doneAt` DATETIME(3) NULL,

    UNIQUE INDEX `Signal_sequence_key`(`sequence`),
    UNIQUE INDEX `Signal_sourceId_idempotencyKey_key`(`sourceId`, `idempotencyKey`),
    INDEX `Signal_tenantId_sequence_idx`(`tenantId`, `sequence`),
    INDEX `Signal_tenantId_sourceId_sequence_idx`(`tenantId`, `sourceId`, `sequence`),
    INDEX `Signal_tenantId_status_sequence_idx`(`tenantId`, `status`, `sequence`),
    INDEX `Signal_sourceId_instrumentId_status_sequence_idx`(`sourceId`, `instrumentId`, `status`, `sequence`),
    INDEX `Signal_status_claimedUntil_idx`(`status`, `claimedUntil`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `RejectedMessage` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `sourceId` CHAR(32) NOT NULL,
    `code` VARCHAR(60) NOT NULL,
    `message` VARCHAR(500) NOT NULL,
    `field` VARCHAR(100) NULL,
    `contentType` VARCHAR(100) NULL,
    `rawBody` TEXT NOT NULL,
    `receivedAt` DATETIME(3) NOT NULL,

    INDEX `RejectedMessage_tenantId_receivedAt_idx`(`tenantId`, `receivedAt`),
    INDEX `RejectedMessage_tenantId_sourceId_receivedAt_idx`(`tenantId`, `sourceId`, `receivedAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Trade` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `signalId` CHAR(32) NOT NULL,
    `strategyId` CHAR(32) NOT NULL,
    `subscriptionId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `accountId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `leg` ENUM('close', 'open') NOT NULL,
    `side` ENUM('buy', 'sell') NOT NULL,
    `positionSide` ENUM('long', 'short') NOT NULL,
    `reduceOnly` BOOLEAN NOT NULL,
    `orderType` ENUM('market', 'limit') NOT NULL,
    `limitPrice` DECIMAL(36, 18) NULL,
    `leverage` DECIMAL(36, 18) NOT NULL,
    `quantity` DECIMAL(36, 18) NOT NULL,
    `decisionPrice` DECIMAL(36, 18) NULL,
    `status` ENUM('denied', 'planned', 'unknown', 'live', 'partially_filled', 'filled', 'canceled', 'rejected', 'expired') NOT NULL,
    `code` VARCHAR(60) NULL,
    `detail` JSON NULL,
    `decision` JSON NOT NULL,
    `venueOrderId` VARCHAR(64) NULL,
    `sendBy` DATETIME(3) NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `filledQuantity` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `filledValue` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `fee` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `realizedPnl` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `bookedQuantity` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `bookedValue` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `createdAt` DATETIME(3) NOT NULL,
    `sentAt` DATETIME(3) NULL,
    `ackedAt` DATETIME(3) NULL,
    `filledAt` DATETIME(3) NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Trade_signalId_subscriptionId_leg_key`(`signalId`, `subscriptionId`, `leg`),
    INDEX `Trade_tenantId_createdAt_id_idx`(`tenantId`, `createdAt`, `id`),
    INDEX `Trade_tenantId_customerId_createdAt_id_idx`(`tenantId`, `customerId`, `createdAt`, `id`),
    INDEX `Trade_tenantId_strategyId_createdAt_id_idx`(`tenantId`, `strategyId`, `createdAt`, `id`),
    INDEX `Trade_tenantId_status_createdAt_id_idx`(`tenantId`, `status`, `createdAt`, `id`),
    INDEX `Trade_status_updatedAt_idx`(`status`, `updatedAt`),
    INDEX `Trade_accountId_status_idx`(`accountId`, `status`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Fill` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `tradeId` CHAR(32) NOT NULL,
    `accountId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `venueFillId` VARCHAR(64) NOT NULL,
    `quantity` DECIMAL(36, 18) NOT NULL,
    `price` DECIMAL(36, 18) NOT NULL,
    `fee` DECIMAL(36, 18) NOT NULL,
    `feeCurrency` VARCHAR(20) NOT NULL,
    `filledAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Fill_accountId_instrumentId_venueFillId_key`(`accountId`, `instrumentId`, `venueFillId`),
    INDEX `Fill_tradeId_idx`(`tradeId`),
    INDEX `Fill_tenantId_filledAt_idx`(`tenantId`, `filledAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Position` (
    `subscriptionId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `side` ENUM('long', 'short') NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `accountId` CHAR(32) NOT NULL,
    `strategyId` CHAR(32) NOT NULL,
    `quantity` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `cost` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `leverage` DECIMAL(36, 18) NOT NULL DEFAULT 1,
    `realizedPnl` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `fee` DECIMAL(36, 18) NOT NULL DEFAULT 0,
    `openedAt` DATETIME(3) NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `Position_tenantId_quantity_idx`(`tenantId`, `quantity`),
    INDEX `Position_tenantId_customerId_idx`(`tenantId`, `customerId`),
    INDEX `Position_accountId_instrumentId_idx`(`accountId`, `instrumentId`),
    PRIMARY KEY (`subscriptionId`, `instrumentId`, `side`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `RoundingDebt` (
    `subscriptionId` CHAR(32) NOT NULL,
    `instrumentId` VARCHAR(60) NOT NULL,
    `side` ENUM('long', 'short') NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `quantity` DECIMAL(36, 18) NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    PRIMARY KEY (`subscriptionId`, `instrumentId`, `side`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `EquitySnapshot` (
    `accountId` CHAR(32) NOT NULL,
    `takenAt` DATETIME(3) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NOT NULL,
    `equity` DECIMAL(36, 18) NOT NULL,

    INDEX `EquitySnapshot_tenantId_takenAt_idx`(`tenantId`, `takenAt`),
    INDEX `EquitySnapshot_customerId_takenAt_idx`(`customerId`, `takenAt`),
    PRIMARY KEY (`accountId`, `takenAt`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `NotificationChannel` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `customerId` CHAR(32) NULL,
    `kind` VARCHAR(20) NOT NULL,
    `name` VARCHAR(100) NOT NULL,
    `configSealed` TEXT NOT NULL,
    `locale` VARCHAR(10) NOT NULL DEFAULT 'zh',
    `enabled` BOOLEAN NOT NULL DEFAULT true,
    `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updatedAt` DATETIME(3) NOT NULL,

    INDEX `NotificationChannel_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    INDEX `NotificationChannel_customerId_idx`(`customerId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Notification` (
    `id` CHAR(32) NOT NULL,
    `tenantId` CHAR(32) NOT NULL,
    `channelId` CHAR(32) NOT NULL,
    `dedupeKey` VARCHAR(120) NOT NULL,
    `event` VARCHAR(40) NOT NULL,
    `payload` JSON NOT NULL,
    `status` ENUM('pending', 'sending', 'sent', 'failed') NOT NULL DEFAULT 'pending',
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `batchId` CHAR(32) NULL,
    `lastError` VARCHAR(300) NULL,
    `nextAttemptAt` DATETIME(3) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,
    `sentAt` DATETIME(3) NULL,

    UNIQUE INDEX `Notification_channelId_dedupeKey_key`(`channelId`, `dedupeKey`),
    INDEX `Notification_status_nextAttemptAt_idx`(`status`, `nextAttemptAt`),
    INDEX `Notification_tenantId_createdAt_idx`(`tenantId`, `createdAt`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `AuditLog` (
    `id` CHAR(32) NOT NULL,
    `sequence` BIGINT NOT NULL AUTO_INCREMENT,
    `tenantId` CHAR(32) NOT NULL,
    `actor` VARCHAR(60) NOT NULL,
    `action` VARCHAR(60) NOT NULL,
    `subject` VARCHAR(100) NOT NULL,
    `detail` JSON NOT NULL,
    `previousHash` CHAR(64) NOT NULL,
    `hash` CHAR(64) NOT NULL,
    `createdAt` DATETIME(3) NOT NULL,

    UNIQUE INDEX `AuditLog_sequence_key`(`sequence`),
    INDEX `AuditLog_tenantId_sequence_idx`(`tenantId`, `sequence`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Setting` (
    `tenantId` CHAR(32) NOT NULL,
    `key` VARCHAR(60) NOT NULL,
    `value` JSON NOT NULL,
    `updatedAt` DATETIME(3) NOT NULL,

    PRIMARY KEY (`tenantId`, `key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- AddForeignKey
ALTER TABLE `User` ADD CONSTRAINT `User_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `User` ADD CONSTRAINT `User_customerId_fkey` FOREIGN KEY (`customerId`) REFERENCES `Customer`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `ApiToken` ADD CONSTRAINT `ApiToken_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `ApiToken` ADD CONSTRAINT `ApiToken_customerId_fkey` FOREIGN KEY (`customerId`) REFERENCES `Customer`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Customer` ADD CONSTRAINT `Customer_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `ExchangeAccount` ADD CONSTRAINT `ExchangeAccount_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `ExchangeAccount` ADD CONSTRAINT `ExchangeAccount_customerId_fkey` FOREIGN KEY (`customerId`) REFERENCES `Customer`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `AccountLeverage` ADD CONSTRAINT `AccountLeverage_accountId_fkey` FOREIGN KEY (`accountId`) REFERENCES `ExchangeAccount`(`id`) ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `SignalSource` ADD CONSTRAINT `SignalSource_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Strategy` ADD CONSTRAINT `Strategy_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Strategy` ADD CONSTRAINT `Strategy_signalSourceId_fkey` FOREIGN KEY (`signalSourceId`) REFERENCES `SignalSource`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Subscription` ADD CONSTRAINT `Subscription_customerId_fkey` FOREIGN KEY (`customerId`) REFERENCES `Customer`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Subscription` ADD CONSTRAINT `Subscription_strategyId_fkey` FOREIGN KEY (`strategyId`) REFERENCES `Strategy`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Subscription` ADD CONSTRAINT `Subscription_accountId_fkey` FOREIGN KEY (`accountId`) REFERENCES `ExchangeAccount`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Fill` ADD CONSTRAINT `Fill_tradeId_fkey` FOREIGN KEY (`tradeId`) REFERENCES `Trade`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `NotificationChannel` ADD CONSTRAINT `NotificationChannel_tenantId_fkey` FOREIGN KEY (`tenantId`) REFERENCES `Tenant`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `NotificationChannel` ADD CONSTRAINT `NotificationChannel_customerId_fkey` FOREIGN KEY (`customerId`) REFERENCES `Customer`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE `Notification` ADD CONSTRAINT `Notification_channelId_fkey` FOREIGN KEY (`channelId`) REFERENCES `NotificationChannel`(`id`) ON DELETE RESTRICT ON UPDATE RESTRICT;

