-- A key that came in place of another one, and of which the venue has not said whose it is.
ALTER TABLE `ExchangeAccount` ADD COLUMN `keyUnproven` BOOLEAN NOT NULL DEFAULT FALSE;

-- What is known of keys that were replaced before is their health alone.
UPDATE `ExchangeAccount` SET `keyUnproven` = TRUE
  WHERE `health` = 'unchecked' OR `healthCode` IN ('OTHER_ACCOUNT', 'VENUE_UNREACHABLE', 'CREDENTIALS_REJECTED', 'CREDENTIALS_UNREADABLE');
