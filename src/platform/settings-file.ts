/** Writes the settings file with conf: whole or not at all, mode 0600. A bundle of its own, loaded when a setting changes. */
import Conf from 'conf';
import type { RawSettings } from './settings-edit.ts';

/** Replaces what `config.json` in `configDir` holds. @throws Error of the file system */
export function writeSettings(configDir: string, settings: RawSettings): void {
  const conf = new Conf<Record<string, unknown>>({
    cwd: configDir,
    configName: 'config',
    projectName: 'hotdesk',
    projectSuffix: '',
    configFileMode: 0o600,
    serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
  });
  conf.store = { ...settings };
}
