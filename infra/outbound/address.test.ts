import { describe, expect, it } from 'vitest';
import { isOutboundError } from './error.ts';
import { createOutbound } from './index.ts';

function verdict(url: string, allowedTargets: string[] = [], ownPorts: number[] = []): string {
  const outbound = createOutbound({ allowedTargets, ownPorts });
  try {
    outbound.checkUrl(url);
    return 'allowed';
  } catch (error) {
    if (isOutboundError(error)) return error.kind;
    throw error;
  }
}

describe('a URL with a literal address', () => {
  it.each([
    // IPv4 as it is, and in every other spelling of 127.0.0.1, 10.0.0.1, 169.254.169.254
    'https://127.0.0.1/',
    'https://127.255.255.254/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://127.0.0.1./',
    'https://１２７.0.0.1/',
    'https://127。0。0。1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://127%2e0%2e0%2e1/',
    'https://%31%32%37.0.0.1/',
    'https:127.0.0.1/',
    'https:///127.0.0.1/',
    'https:\\\\127.0.0.1\\',
    ' https://127.0.0.1/',
    'https://12\t7.0.0.1/',
    'https://0177.1/',
    'https://0x7f.1/',
    'https://0x7F.0x0.0x0.0x1/',
    'https://00000177.0.0.1/',
    'https://10.1/',
    'https://172.1048577/',
    'https://0xc0a80101/',
    'https://0/',
    'https://0.0.0.0/',
    'https://0.1.2.3/',
    'https://10.0.0.1/',
    'https://167772161/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.1.1/',
    'https://100.64.0.1/',
    'https://100.127.255.255/',
    'https://192.0.0.8/',
    'https://192.0.2.1/',
    'https://198.18.0.1/',
    'https://198.51.100.7/',
    'https://203.0.113.7/',
    'https://224.0.0.1/',
    'https://239.255.255.255/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
    // IPv6, and the ways in which it carries IPv4
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[fc00::1]/',
    'https://[fd12:3456::1]/',
    'https://[ff02::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:ffff:10.0.0.1]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:0:127.0.0.1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[64:ff9b:1::1]/',
    'https://[2002:7f00:1::1]/',
    'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    'https://[2001:db8::1]/',
    'https://[100::1]/',
    'https://[3fff::1]/',
    'https://[2001:2::1]/',
    'https://[2001:10::1]/',
    'https://[5f00::1]/',
    'https://[::FFFF:7F00:0001]/',
    'https://[::ffff:0a00:0001]/',
    'https://[::ffff:c0a8:101]/',
    'https://[::ffff:a9fe:1]/',
    'https://192.88.99.1/',
    'https://[4000::1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://app.localhost/',
  ])('%s is refused', (url) => {
    expect(verdict(url)).toBe('blocked');
  });

  it.each([
    'https://93.184.216.34/',
    'https://8.8.8.8:8443/mcp',
    'https://[2606:4700::1111]/',
    'https://[64:ff9b::808:808]/',
  ])('%s is allowed', (url) => {
    expect(verdict(url)).toBe('allowed');
  });
});

describe('a cloud metadata address', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://169.254.169.254./',
    'http://169.254.43518/',
    'http://169.0xfea9fe/',
    'http://①⑥⑨.254.169.254/',
    'http://169%2e254%2e169%2e254/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[::ffff:0:a9fe:a9fe]/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::a9fe:a9fe]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[2002:a9fe:a9fe::1]/',
    'http://169.254.170.2/v2/credentials',
    'http://[fd00:ec2::254]/',
    'http://[fd20:ce::254]/',
    'http://100.100.100.200/',
    'http://192.0.0.192/',
    'http://168.63.129.16/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://METADATA.google.internal./',
    'http://metadata/',
  ])('%s is refused though the allow list names everything', (url) => {
    expect(
      verdict(url, [
        '0.0.0.0/0',
        '::/0',
        '169.254.169.254',
        'metadata',
        'metadata.google.internal',
        'metadata=100.64.0.0/10',
      ]),
    ).toBe('blocked');
  });
});

describe('the form of a URL', () => {
  it.each([
    ['', 'invalid_url'],
    ['shop.example.com/mcp', 'invalid_url'],
    ['ftp://shop.example.com/', 'invalid_url'],
    ['file:///etc/passwd', 'invalid_url'],
    ['https://', 'invalid_url'],
    ['https://[fe80::1%25eth0]/', 'invalid_url'],
    ['https://user:secret@shop.example.com/', 'invalid_url'],
    ['https://token@shop.example.com/', 'invalid_url'],
    ['http://shop.example.com/mcp', 'blocked'],
    ['https://shop.example.com/mcp', 'allowed'],
  ])('%s is %s', (url, expected) => {
    expect(verdict(url)).toBe(expected);
  });

  it('never repeats the password of a URL', () => {
    const outbound = createOutbound({ allowedTargets: [] });
    expect(() => outbound.checkUrl('https://user:hunter2@shop.example.com/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('the allow list', () => {
  const embedded = ['127.0.0.0/8', '::1/128', 'localhost=127.0.0.0/8', 'localhost=::1/128'];

  it.each<[string, string[], string]>([
    ['http://shop.internal/mcp', ['shop.internal'], 'allowed'],
    ['http://SHOP.internal./mcp', ['Shop.Internal'], 'allowed'],
    ['http://shop.internal.evil.com/', ['shop.internal'], 'blocked'],
    ['http://a.b.corp/', ['*.corp'], 'allowed'],
    ['http://corp/', ['*.corp'], 'blocked'],
    ['http://evilcorp/', ['*.corp'], 'blocked'],
    ['http://10.1.2.3/', ['10.0.0.0/8'], 'allowed'],
    ['http://11.1.2.3/', ['10.0.0.0/8'], 'blocked'],
    ['http://[::ffff:10.1.2.3]/', ['10.0.0.0/8'], 'allowed'],
    ['http://127.0.0.1:9000/', ['127.0.0.0/8', '::1'], 'allowed'],
    ['http://localhost:9000/', ['127.0.0.0/8', '::1'], 'blocked'],
    ['https://localhost:9000/', ['127.0.0.0/8', '::1'], 'allowed'],
    ['http://localhost:9000/', embedded, 'allowed'],
    ['http://127.0.0.1:9000/', embedded, 'allowed'],
    ['http://[::1]:9000/', embedded, 'allowed'],
    ['http://app.localhost:9000/', embedded, 'blocked'],
    ['http://192.168.7.7/', embedded, 'blocked'],
    ['http://shop.example.com/', embedded, 'blocked'],
    ['http://localhost:9000/', ['localhost=::1'], 'allowed'],
    ['http://localhost:9000/', ['localhost'], 'blocked'],
    ['http://localhost:9000/', ['localhost=10.0.0.0/8'], 'blocked'],
    ['http://127.0.0.1:9000/', ['localhost=127.0.0.0/8'], 'blocked'],
    ['http://shop.internal/', ['shop.internal=10.0.0.0/8'], 'allowed'],
    ['http://other.internal/', ['shop.internal=10.0.0.0/8'], 'blocked'],
    ['http://10.1.2.3/', ['shop.internal=10.0.0.0/8'], 'blocked'],
    ['http://shop.internal/', ['10.0.0.0/8'], 'blocked'],
    ['http://[::1]:9000/', ['127.0.0.0/8', '::1'], 'allowed'],
    ['http://0.0.0.0:9000/', ['127.0.0.0/8', '::1'], 'blocked'],
    ['http://[fd12::1]/', ['fd12::/16'], 'allowed'],
    ['http://192.168.7.7/', ['0.0.0.0/0'], 'allowed'],
    ['http://192.168.7.7/', [' 192.168.7.7 '], 'allowed'],
  ])('%s with %j is %s', (url, allowed, expected) => {
    expect(verdict(url, allowed)).toBe(expected);
  });

  it.each([
    '10.0.0.0/99',
    'foo*bar',
    'https://shop.internal',
    'a b',
    '*',
    '*=10.0.0.0/8',
    'a=b',
    'a=',
    '=10.0.0.0/8',
    'a=10.0.0.0/8=b',
    '10.0.0.1=10.0.0.0/8',
    '10.0.0.0/8=a',
  ])('refuses the entry %s, naming it', (entry) => {
    expect(() => createOutbound({ allowedTargets: [entry] })).toThrow(`"${entry}"`);
  });
});

describe("Armature's own ports", () => {
  it.each([
    'http://127.0.0.1:3000/',
    'http://127.9.9.9:3000/',
    'http://localhost:3000/',
    'http://[::1]:3000/',
    'http://[::ffff:127.0.0.1]:3000/',
    'http://0.0.0.0:3000/',
    'http://[::]:3000/',
    'http://127.1:3000/',
    'http://0x7f000001:3000/',
    'http://0:3000/',
    'http://app.localhost:3000/',
    'http://[::127.0.0.1]:3000/',
    'http://[64:ff9b::7f00:1]:3000/',
  ])('%s is refused though the allow list names it', (url) => {
    expect(verdict(url, ['0.0.0.0/0', '::/0', 'localhost=127.0.0.0/8', '*.localhost=127.0.0.0/8'], [3000])).toBe(
      'blocked',
    );
  });

  it('are free on other hosts', () => {
    expect(verdict('https://shop.example.com:3000/', [], [3000])).toBe('allowed');
  });
});
