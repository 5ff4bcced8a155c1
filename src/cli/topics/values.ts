import type { Topic } from './types.ts'

/** `sockctl help values`: what `<time>` and the others in the lists of options stand for. */
export const values: Topic = {
  summary: 'How to write times, sizes, rates, ports and bytes',
  sections: [
    {
      title: 'Values',
      body: [
        [
          ['<time>', '500ms, 2s, 1.5m, 1h or 1d. A bare number is seconds, as in nc'],
          ['<size>', '512, 64KiB or 10MB. k, m and g alone count in 1024s'],
          ['<rate>', 'A size per second, as 64KiB/s'],
          ['<port>', '0 to 65535, or the name of a service, as https'],
          ['<ports>', 'Ports, lists and ranges, as 80,443 or 3000-3010'],
          ['<network>', 'An address or a range of them, as 10.0.0.0/8 or ::1'],
          ['<endpoint>', 'Where to listen or connect: see sockctl help endpoints'],
          ['<text>', 'Text, in which \\r \\n \\t \\0 \\\\ and \\x00 stand for bytes'],
          ['<bytes>', 'Bytes in hex, as 01 00 af or 0100af'],
        ],
      ],
    },
  ],
}
