/** The settings that the tray has, as the agent tells them. */
import type { Client } from '../client/client.ts';

export interface TrayPreferences {
  readonly backend: 'auto' | 'systray2' | 'sni';
  readonly panel: 'auto' | 'light' | 'dark';
}

export const USUAL: TrayPreferences = { backend: 'auto', panel: 'auto' };

export async function readPreferences(client: Client): Promise<TrayPreferences> {
  const { settings } = await client.call('config.list', {});
  const value = settings.find(({ key }) => key === 'tray')?.value;
  const { backend, panel } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return {
    backend: oneOf(['auto', 'systray2', 'sni'], backend),
    panel: oneOf(['auto', 'light', 'dark'], panel),
  };
}

/** An agent of another version may say something else. */
function oneOf<T extends string>(values: readonly ['auto', ...T[]], value: unknown): T | 'auto' {
  return values.find((each) => each === value) ?? 'auto';
}
