-- CreateIndex
CREATE INDEX `Subscription_tenantId_strategyId_accountId_status_idx` ON `Subscription`(`tenantId`, `strategyId`, `accountId`, `status`);
