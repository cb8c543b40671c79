import { describe, expect, it } from 'vitest';
import { displaySocket, Seats } from '../../src/agent/seats.ts';
import type { Seat } from '../../src/model/seat.ts';

const seat = (id: string, extra = {}): Seat => ({ id, kind: 'x11', env: { DISPLAY: id, ...extra } });

describe('Seats', () => {
  it('offers the latest that answers, and forgets the dead', async () => {
    const alive = new Set([':1', ':2']);
    const told: string[][] = [];
    const seats = new Seats(
      (all) => told.push(all.map((s) => s.id)),
      async (s) => alive.has(s.id),
    );
    await seats.register(seat(':1'));
    await seats.register(seat(':2'));
    expect((await seats.pick(undefined)).id).toBe(':2');
    alive.delete(':2');
    expect((await seats.pick(undefined)).id).toBe(':1');
    expect(told.at(-1)).toEqual([':1']);
    await expect(seats.pick(':2')).rejects.toMatchObject({ code: 'unknown-seat' });
    alive.clear();
    await expect(seats.pick(undefined)).rejects.toMatchObject({ code: 'no-seat' });
  });

  it('gives one at once to who need not wait for its display, and says of a dead one that nobody is there', async () => {
    const alive = new Set([':1', ':2']);
    const seats = new Seats(
      () => {},
      async (s) => alive.has(s.id),
    );
    await seats.register(seat(':1'));
    await seats.register(seat(':2'));
    expect(seats.take(':1').seat.id).toBe(':1');
    await seats.take(':1').answers;
    alive.delete(':2');
    const { seat: taken, answers } = seats.take(':2');
    expect(taken.id).toBe(':2');
    await expect(answers).rejects.toMatchObject({ code: 'no-seat' });
    expect(seats.all().map((s) => s.id)).toEqual([':1']);
    expect(() => seats.take(':2')).toThrow(expect.objectContaining({ code: 'unknown-seat' }));
    await expect(seats.pick(':2')).rejects.toMatchObject({ code: 'unknown-seat' });
  });

  it('refuses a display that does not answer', async () => {
    const seats = new Seats(
      () => {},
      async () => false,
    );
    await expect(seats.register(seat(':9'))).rejects.toMatchObject({ code: 'no-seat' });
    expect(seats.all()).toEqual([]);
  });

  it('takes a changed cookie file, and an old seat that speaks again becomes the latest', async () => {
    const seats = new Seats(
      () => {},
      async () => true,
    );
    await seats.register(seat(':1'));
    await seats.register(seat(':2'));
    await seats.register(seat(':1', { XAUTHORITY: '/new' }));
    expect(seats.all().map((s) => s.id)).toEqual([':1', ':2']);
    expect(seats.all()[0]?.env.XAUTHORITY).toBe('/new');
  });
});

describe('displaySocket', () => {
  it('knows local displays and leaves those over TCP alone', () => {
    expect(displaySocket(seat(':7.1'))).toBe('/tmp/.X11-unix/X7');
    expect(displaySocket(seat('localhost:10.0'))).toBeUndefined();
    expect(
      displaySocket({
        id: 'wayland-0',
        kind: 'wayland',
        env: { WAYLAND_DISPLAY: 'wayland-0', XDG_RUNTIME_DIR: '/run/user/7' },
      }),
    ).toBe('/run/user/7/wayland-0');
  });
});
