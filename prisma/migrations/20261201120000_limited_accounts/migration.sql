-- AlterTable
ALTER TABLE `ExchangeAccount` MODIFY `health` ENUM('unchecked', 'healthy', 'failing', 'limited') NOT NULL DEFAULT 'unchecked';
