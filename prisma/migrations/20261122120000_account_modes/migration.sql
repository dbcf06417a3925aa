-- CreateIndex
CREATE INDEX `ExchangeAccount_tenantId_venue_mode_idx` ON `ExchangeAccount`(`tenantId`, `venue`, `mode`);
