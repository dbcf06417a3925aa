-- Whether a plain pair in USD names the USDT instrument. It did for every source so far, and stays so for those.
ALTER TABLE `SignalSource` ADD COLUMN `usdMeansUsdt` BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE `SignalSource` SET `usdMeansUsdt` = TRUE;
