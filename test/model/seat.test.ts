import { describe, expect, it } from 'vitest';
import { seatOf } from '../../src/model/seat.ts';

describe('seatOf', () => {
  it('keeps what a viewer needs and nothing else', () => {
    const seat = seatOf({ DISPLAY: ':7', XAUTHORITY: '/x', AWS_SECRET: 's', LANG: 'de_DE.UTF-8' });
    expect(seat).toEqual({
      id: ':7',
      kind: 'x11',
      env: { DISPLAY: ':7', XAUTHORITY: '/x', LANG: 'de_DE.UTF-8' },
    });
  });

  it('is none without a display', () => {
    expect(seatOf({ HOME: '/h', DISPLAY: '' })).toBeUndefined();
    expect(seatOf({ WAYLAND_DISPLAY: 'wayland-0' })?.kind).toBe('wayland');
  });
});
