-- AlterTable
ALTER TABLE `AccountLeverage` ADD COLUMN `refusedAt` DATETIME(3) NULL;
