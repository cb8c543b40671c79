import { expect, test } from 'vitest';
import { ownerIn } from '../../src/agent/loopback.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1
   1: 0100007F:D2F0 0100007F:9C40 01 00000000:00000000 02:00000000 00000000  1001        0 12 2
   2: 0100007F:9C40 0100007F:D2F0 01 00000000:00000000 02:00000000 00000000  1000        0 13 2
   3: 0200007F:D2F1 0100007F:9C40 01 00000000:00000000 02:00000000 00000000  1002        0 14 2
`;

test('who connects is the owner of the other end, not of ours', () => {
  expect(ownerIn(TABLE, 0xd2f0, 0x9c40)).toBe(1001);
});

test('nobody is known for a connection that is not there, or from another address', () => {
  expect(ownerIn(TABLE, 0xd2f2, 0x9c40)).toBeUndefined();
  expect(ownerIn(TABLE, 0xd2f1, 0x9c40)).toBeUndefined();
  expect(ownerIn('', 1, 2)).toBeUndefined();
});

test('nobody is known for an end that its process has left, which is told as root’s', () => {
  const left = TABLE.replace('1001        0 12 2', '   0        0 0 2');
  expect(ownerIn(left, 0xd2f0, 0x9c40)).toBeUndefined();
});

test('on machines of the other byte order too', () => {
  expect(ownerIn(TABLE.replaceAll('0100007F', '7F000001'), 0xd2f0, 0x9c40)).toBe(1001);
});
