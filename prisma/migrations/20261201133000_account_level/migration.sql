-- AlterTable
ALTER TABLE `ExchangeAccount` ADD COLUMN `accountLevel` VARCHAR(20) NULL;
