import { expect, test } from 'vitest';
import { readScreen } from '../../src/viewer/screen.ts';

const first = 'Screen 0: minimum 16 x 16, current 4480 x 1440, maximum 32767 x 32767\n';

test('the primary output counts, then the first that is on, then the whole', () => {
  const left = 'HDMI-1 connected 1920x1080+2560+0 (normal left) 509mm x 286mm\n';
  const right = 'DP-1 connected primary 2560x1440+0+0 (normal left) 597mm x 336mm\n';
  expect(readScreen(`${first}DP-2 disconnected\n${left}${right}`)).toEqual({ width: 2560, height: 1440 });
  expect(readScreen(`${first}${left}`)).toEqual({ width: 1920, height: 1080 });
  expect(readScreen(`${first}screen connected (normal)\n`)).toEqual({ width: 4480, height: 1440 });
});

test('what tells no size tells none', () => {
  for (const text of ['', "Can't open display", 'A connected primary 0x0+0+0']) {
    expect(readScreen(text)).toBeUndefined();
  }
});
