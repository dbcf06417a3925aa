-- CreateIndex
CREATE INDEX `Notification_channelId_status_nextAttemptAt_idx` ON `Notification`(`channelId`, `status`, `nextAttemptAt`);
