-- What was closed at the venue by no order of ours is a trade, too: by hand, by liquidation, by ADL, by a delisting.
ALTER TABLE `Trade` MODIFY `leg` ENUM('close', 'open', 'stop', 'outside') NOT NULL;
