/** Presets of the editor. A null `cron` is manual. */
export const schedulePresets = [
  { id: 'manual', label: 'Manual', cron: null },
  { id: 'every-15-minutes', label: 'Every 15 minutes', cron: '*/15 * * * *' },
  { id: 'every-30-minutes', label: 'Every 30 minutes', cron: '*/30 * * * *' },
  { id: 'hourly', label: 'Hourly', cron: '0 * * * *' },
  { id: 'daily', label: 'Daily at 09:00', cron: '0 9 * * *' },
] as const;
