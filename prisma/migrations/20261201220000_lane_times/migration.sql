-- When the signals of a lane were sent that moved its leader: what is older does not undo what is newer.
ALTER TABLE `SignalLane` ADD COLUMN `leaderTimes` JSON NULL;
