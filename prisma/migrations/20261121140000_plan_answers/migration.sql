-- AlterTable
ALTER TABLE `WrittenPlan` ADD COLUMN `answers` LONGTEXT NULL;
