import { expect, it } from 'vitest';
import { isQuiet } from '../../../src/tray/notify/quiet.ts';
import { notifySettings } from '../../../src/tray/notify/settings.ts';

const at = (time: string) => new Date(`2026-03-04T${time}:00`);

it.each([
  ['22:00-07:00', '21:59', false],
  ['22:00-07:00', '22:00', true],
  ['22:00-07:00', '23:59', true],
  ['22:00-07:00', '00:00', true],
  ['22:00-07:00', '06:59', true],
  ['22:00-07:00', '07:00', false],
  ['12:00-13:30', '13:29', true],
  ['12:00-13:30', '13:30', false],
  ['12:00-13:30', '11:00', false],
  ['08:00-08:00', '08:00', false],
  ['', '03:00', false],
  ['all night', '03:00', false],
  ['25:00-26:00', '01:30', false],
])('%s at %s: %s', (hours, time, quiet) => expect(isQuiet(hours, at(time))).toBe(quiet));

it('is told everything unless the user said otherwise', () => {
  const row = (key: string, value: unknown) => ({ key, value, default: undefined, doc: '' });
  const all = { opened: true, moved: true, ended: true, hosts: true };
  expect(notifySettings([])).toEqual({ kinds: all, quietHours: '' });
  expect(notifySettings([row('notifications', { ended: false }), row('quietHours', '22:00-07:00')])).toEqual({
    kinds: { ...all, ended: false },
    quietHours: '22:00-07:00',
  });
  expect(notifySettings([row('notifications', 'x'), row('quietHours', 3)])).toEqual({
    kinds: all,
    quietHours: '',
  });
});
