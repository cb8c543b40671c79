/** What the user wants to be told, as the agent has it in its settings. */
import type { SettingRow } from '../../protocol/api.ts';
import type { NotifySettings } from './notify.ts';

/** An agent of another version may not have them: then all is told. */
export function notifySettings(rows: readonly SettingRow[]): NotifySettings {
  const settingOf = (key: string) => rows.find((row) => row.key === key)?.value;
  const kinds = settingOf('notifications');
  const isOn = (kind: string) =>
    typeof kinds !== 'object' || kinds === null || (kinds as Record<string, unknown>)[kind] !== false;
  const quietHours = settingOf('quietHours');
  return {
    kinds: { opened: isOn('opened'), moved: isOn('moved'), ended: isOn('ended'), hosts: isOn('hosts') },
    quietHours: typeof quietHours === 'string' ? quietHours : '',
  };
}
