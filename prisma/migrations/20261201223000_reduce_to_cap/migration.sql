-- Whether sizing by risk is reduced to what the limits allow, instead of being denied.
ALTER TABLE `Subscription` ADD COLUMN `reduceToCap` BOOLEAN NOT NULL DEFAULT FALSE;
