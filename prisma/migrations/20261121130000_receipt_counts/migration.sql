-- AlterTable
ALTER TABLE `Signal` ADD COLUMN `receipts` JSON NULL;
