import { describe, expect, it } from 'vitest';
import { busSockets, sessionBusSockets } from '../../src/platform/bus-address.ts';

describe('the address of a message bus', () => {
  it.each([
    ['unix:path=/run/user/1000/bus', ['/run/user/1000/bus']],
    ['unix:path=/tmp/dbus-Ab1,guid=0123456789abcdef', ['/tmp/dbus-Ab1']],
    ['unix:abstract=/tmp/dbus-Ab1,guid=01', ['\0/tmp/dbus-Ab1']],
    ['unix:path=/tmp/a%20b%2cc', ['/tmp/a b,c']],
    ['tcp:host=example.org,port=1;unix:path=/a;unix:guid=1', ['/a']],
    ['unix:path=/tmp/%zz', []],
    ['', []],
  ])('%s', (address, sockets) => {
    expect(busSockets(address)).toEqual(sockets);
  });

  it('is the one of the user where the environment names none', () => {
    expect(sessionBusSockets({ XDG_RUNTIME_DIR: '/run/user/7' })).toEqual(['/run/user/7/bus']);
    expect(
      sessionBusSockets({ XDG_RUNTIME_DIR: '/run/user/7', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' }),
    ).toEqual(['/x']);
    expect(sessionBusSockets({})).toEqual([]);
  });
});
