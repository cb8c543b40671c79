import { describe, expect, it } from 'vitest';
import { readResolver } from '../../../src/wizard/identity/resolver.ts';

describe('resolv.conf', () => {
  it('names at most three servers, and 127.0.0.1 where it names none', () => {
    const text =
      '# x\nnameserver 10.0.0.1\n nameserver fe80::1%eth0 ; y\nnameserver ::1\nnameserver 10.0.0.4\n';
    expect(readResolver(text).servers.map(({ address }) => address)).toEqual([
      '10.0.0.1',
      'fe80::1%eth0',
      '::1',
    ]);
    expect(readResolver('').servers).toEqual([{ address: '127.0.0.1', port: 53 }]);
  });

  it('is to be trusted about AD only when it says so itself, or RES_OPTIONS does', () => {
    expect(readResolver('nameserver 127.0.0.1\n').trustsAd).toBe(false);
    expect(readResolver('options edns0 trust-ad\n').trustsAd).toBe(true);
    expect(readResolver('#options trust-ad\n').trustsAd).toBe(false);
    expect(readResolver('', 'trust-ad ndots:1').trustsAd).toBe(true);
  });
});
