-- AlterTable
ALTER TABLE `Protection` ADD COLUMN `crossed` ENUM('stop', 'take') NULL,
    ADD COLUMN `crossedAt` DATETIME(3) NULL;

-- CreateIndex
CREATE INDEX `Protection_crossed_idx` ON `Protection`(`crossed`);
