-- What somebody closes himself comes off the books, unless he wants it otherwise: else what he opens later counts as ours.
ALTER TABLE `Subscription` ALTER COLUMN `driftPolicy` SET DEFAULT 'repair';
