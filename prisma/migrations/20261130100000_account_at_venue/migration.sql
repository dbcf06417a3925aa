-- AlterTable
ALTER TABLE `ExchangeAccount` ADD COLUMN `venueUserId` VARCHAR(64) NULL,
    ADD COLUMN `venueOwnerId` VARCHAR(64) NULL,
    ADD COLUMN `tradesAs` VARCHAR(64) NULL,
    ADD COLUMN `endedAt` DATETIME(3) NULL;

-- CreateIndex
CREATE UNIQUE INDEX `ExchangeAccount_venue_mode_tradesAs_key` ON `ExchangeAccount`(`venue`, `mode`, `tradesAs`);

-- CreateIndex
CREATE INDEX `ExchangeAccount_venue_mode_venueOwnerId_idx` ON `ExchangeAccount`(`venue`, `mode`, `venueOwnerId`);
