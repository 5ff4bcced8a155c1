/**
 * The service names that people type instead of ports (IANA Service Name and Transport Protocol
 * Port Number Registry). Ours, and not /etc/services, so that a script means the same everywhere.
 */
const PORTS: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  chargen: 19,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  time: 37,
  domain: 53,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  ntp: 123,
  imap: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  submissions: 465,
  syslog: 514,
  submission: 587,
  ipp: 631,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mqtt: 1883,
  mysql: 3306,
  rdp: 3389,
  postgresql: 5432,
  amqp: 5672,
  redis: 6379,
}

/** The port of a service, or undefined when the name is not known. */
export function portOfService(name: string): number | undefined {
  return Object.hasOwn(PORTS, name.toLowerCase()) ? PORTS[name.toLowerCase()] : undefined
}

/** The service that a port is registered for, or undefined when none is known. */
export function serviceOfPort(port: number): string | undefined {
  return Object.keys(PORTS).find(name => PORTS[name] === port)
}
