/**
 * Text in the form of each netstat of macOS, by the version that brought it. Rows are as users have
 * published them, or made by the format strings of inet.c in Apple's network_cmds.
 */
export const DARWIN_NETSTAT = {
  '10.14': `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)     rhiwat shiwat    pid   epid  state    options
tcp4       0    126  192.168.1.233.52137    34.117.41.85.443       ESTABLISHED 131072 131600   2903      0 0x0102 0x00000020
tcp46      0      0  *.22                   *.*                    LISTEN      131072 131072      1      0 0x0100 0x00000106
`,
  '11': `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)     rhiwat shiwat    pid   epid state  options           gencnt    flags   flags1 usecnt rtncnt fltrs
tcp4       0    126  192.168.1.233.52137    34.117.41.85.443       ESTABLISHED 131072 131600   2903      0 00102 00000020 00000000023c645f 20000081 04000900      2      0 000004
tcp46      0      0  *.22                   *.*                    LISTEN      131072 131072      1      0 00100 00000106 0000000000000012 00000081 00000900      1      0 000000
`,
  '15': `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)          rxbytes      txbytes  rhiwat  shiwat    pid   epid state  options           gencnt    flags   flags1 usecnt rtncnt fltrs
tcp4       0    126  192.168.1.233.52137    34.117.41.85.443       ESTABLISHED         9026          316  131072  131600   2903      0 00102 00000000 00000000023c645f 20000081 04000900      2      0 000004
tcp46      0      0  *.22                   *.*                    LISTEN                 0            0  131072  131072      1      0 00100 00000106 0000000000000012 00000081 00000900      1      0 000000
`,
  '26': `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)          rxbytes      txbytes  rhiwat  shiwat          process:pid    state  options           gencnt    flags   flags1 usecnt rtncnt fltrs
tcp4       0    126  192.168.1.233.52137    34.117.41.85.443       ESTABLISHED         9026          316  131072  131600             curl:2903   00102 00000000 00000000023c645f 20000081 04000900      2      0 000004
tcp46      0      0  *.22                   *.*                    LISTEN                 0            0  131072  131072          launchd:1      00100 00000106 0000000000000012 00000081 00000900      1      0 000000
`,
} as const

/** The heading of macOS 26, for rows of a test's own. */
export const HEADING_26 = DARWIN_NETSTAT[26].split('\n').slice(0, 2).join('\n')

/** A row of macOS 26. */
export function darwinRow(ends: string, process: string): string {
  const tail = '00102 00000000 000000000025c5ff 00000081 04000800      3      0 000000'
  return `${ends} 118268  40208  408008  146988 ${process} ${tail}`
}
