import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../../../src/inspect/owners/process/mask-secrets.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.s1gnatur3'

/** Command lines, blanks between words; `~` stands for a blank within a word. */
const words = (text: string): string[] => text.split(' ').map(word => word.replaceAll('~', ' '))

/** As sh(1) reads it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

describe('maskSecrets', () => {
  it.each([
    // Options by their names.
    ['app --password=hunter2 -v', 'app --password=*** -v'],
    ['app --password hunter2 -v', 'app --password *** -v'],
    ['app -password hunter2', 'app -password ***'],
    ['app --db-password=x --port=5', 'app --db-password=*** --port=5'],
    ['app --api-key x --apikey=y --api_key=z', 'app --api-key *** --apikey=*** --api_key=***'],
    ['app --accessToken=x --clientSecret y', 'app --accessToken=*** --clientSecret ***'],
    ['app --token x --auth-token=y --secret z', 'app --token *** --auth-token=*** --secret ***'],
    ['java -Ddb.password=x -Dport=1', 'java -Ddb.password=*** -Dport=1'],
    ['app --private-key=x --passphrase y', 'app --private-key=*** --passphrase ***'],
    ['app --connection-string Server=x;Pwd=y', 'app --connection-string ***'],
    // Variables.
    ['env FOO_TOKEN=x PGPASSWORD=y node a.js', 'env FOO_TOKEN=*** PGPASSWORD=*** node a.js'],
    ['docker run -e DB_PASS=x -p 80:80 web', 'docker run -e DB_PASS=*** -p 80:80 web'],
    ['docker run --env=API_KEY=x web', 'docker run --env=API_KEY=*** web'],
    ['sh -c A_SECRET="x~y"~node~a.js', 'sh -c A_SECRET=***'],
    ['sh -c cd~/x~&&~A_SECRET="x~y"~node~a.js', 'sh -c cd~/x~&&~A_SECRET=***~node~a.js'],
    ['sh -c run~--password~hunter2~-v', 'sh -c run~--password~***~-v'],
    ['app Server=db;User=a;Pwd=x;Port=1', 'app Server=db;User=a;Pwd=***;Port=1'],
    ['app {"user":"a","password":"x\\"y"}', 'app {"user":"a","password":"***"}'],
    // URLs.
    ['psql postgres://joe:s3cret@db/x', 'psql postgres://joe:***@db/x'],
    ['psql postgres://joe:p@ss@db:5432/x', 'psql postgres://joe:***@db:5432/x'],
    ['app --redis=redis://:s3cret@db', 'app --redis=redis://:***@db'],
    ['curl https://x/y?token=abc&page=2', 'curl https://x/y?token=***&page=2'],
    // Headers.
    ['curl -H Authorization:~Bearer~abcdefgh', 'curl -H Authorization:~Bearer~***'],
    ['curl -H authorization:~abc', 'curl -H authorization:~***'],
    ['curl -H X-Api-Key:~abc', 'curl -H X-Api-Key:~***'],
    ['curl -H Cookie:~a=b;~c=d', 'curl -H Cookie:~***'],
    // Programs with short options of their own.
    ['mysql -u root -phunter2 shop', 'mysql -u root -p*** shop'],
    ['/usr/bin/mysqldump -phunter2', '/usr/bin/mysqldump -p***'],
    ['mysql -u root -p shop', 'mysql -u root -p shop'],
    ['sshpass -p hunter2 ssh x', 'sshpass -p *** ssh x'],
    ['sshpass -phunter2 ssh x', 'sshpass -p*** ssh x'],
    ['redis-cli -a hunter2 ping', 'redis-cli -a *** ping'],
    ['curl -u joe:x https://y', 'curl -u *** https://y'],
    ['docker login -u a -p x', 'docker login -u a -p ***'],
    ['ldapsearch -D cn=a -w x', 'ldapsearch -D cn=a -w ***'],
    // Behind programs that start others.
    ['sudo -u x mysql -u root -phunter2', 'sudo -u x mysql -u root -p***'],
    ['sudo -E -- /usr/bin/mysqldump -phunter2 shop', 'sudo -E -- /usr/bin/mysqldump -p*** shop'],
    ['env A=b mysql -phunter2', 'env A=b mysql -p***'],
    ['nohup mysql -phunter2', 'nohup mysql -p***'],
    ['timeout 5 redis-cli -a hunter2 ping', 'timeout 5 redis-cli -a *** ping'],
    ['docker exec -it db mysql -phunter2', 'docker exec -it db mysql -p***'],
    ['kubectl exec pod -- mongosh -u a -p hunter2', 'kubectl exec pod -- mongosh -u a -p ***'],
    ['sudo docker --context x login -p hunter2', 'sudo docker --context x login -p ***'],
    ['docker run --name mysql -p3306:3306 db', 'docker run --name mysql -p3306:3306 db'],
    ['docker run -p 80:80 mysql', 'docker run -p 80:80 mysql'],
    ['own-wrapper --flag curl -ujoe:hunter2 x', 'own-wrapper --flag curl -u*** x'],
    // In a command within a word.
    ['sh -c mysql~-phunter2', 'sh -c mysql~-p***'],
    ['bash -lc cd~/x;exec~sudo~mysql~-phunter2~shop', 'bash -lc cd~/x;exec~sudo~mysql~-p***~shop'],
    ["sh -c app~--password~'my~secret'~-v", 'sh -c app~--password~***~-v'],
    ['sh -c sh~-c~"redis-cli~-a~hunter2~ping"', 'sh -c sh~-c~"redis-cli~-a~***~ping"'],
    ['ssh host sudo~mysql~-phunter2', 'ssh host sudo~mysql~-p***'],
    ['mysql~-phunter2~shop', 'mysql~-p***~shop'],
    ['sh -c true~&&~A_SECRET="x\\"y~z"~b', 'sh -c true~&&~A_SECRET=***~b'],
    ['sh -c true~&&~A_SECRET="x~y', 'sh -c true~&&~A_SECRET=***'],
    ['sh -c echo~"a~b"~>~/x;~ls~-p', 'sh -c echo~"a~b"~>~/x;~ls~-p'],
    // Tokens by their looks.
    [`app ghp_${'a1'.repeat(18)}`, 'app ***'],
    ['app AKIAIOSFODNN7EXAMPLE', 'app ***'],
    [`app jwt:${JWT}`, 'app jwt:***'],
    [`app x/${JWT}/y`, 'app x/***/y'],
    // What is none.
    ['nginx: master~process', 'nginx: master~process'],
    ['ssh -p 22 host', 'ssh -p 22 host'],
    ['python3 -m http.server 8000', 'python3 -m http.server 8000'],
    ['app --max-tokens=100 --max-tokens 5', 'app --max-tokens=100 --max-tokens 5'],
    ['psql --no-password db', 'psql --no-password db'],
    ['env PWD=/home/a OLDPWD=/ sh', 'env PWD=/home/a OLDPWD=/ sh'],
    ['app --bypass=1 --author=joe --monkey x', 'app --bypass=1 --author=joe --monkey x'],
    ['app --password-file /run/x --key server.key', 'app --password-file /run/x --key server.key'],
    ['curl https://user@host/path:x@y', 'curl https://user@host/path:x@y'],
    ['app --password', 'app --password'],
  ])('makes of %s', (line, expected) => {
    expect(maskSecrets(words(line))).toEqual(words(expected))
  })

  it('leaves nothing of a secret behind its name, whatever it is', () => {
    const secret = fc.stringMatching(/^[A-Z0-9$!@/+-]{12,30}$/)
    fc.assert(
      fc.property(secret, value => {
        const line = ['app', `--password=${value}`, '--token', value, `A_SECRET=${value}`]
        expect(maskSecrets(line).join(' ')).not.toContain(value)
      }),
    )
  })

  it('leaves nothing of a secret, whatever starts the program that is given it', () => {
    const secret = fc.stringMatching(/^[A-Z0-9$!@/+-]{12,30}$/)
    const program = fc.constantFrom<(value: string) => string[]>(
      value => ['mysql', '-u', 'root', `-p${value}`, 'shop'],
      value => ['/usr/bin/mariadb-dump', `-p${value}`],
      value => ['redis-cli', '-h', 'db', '-a', value, 'ping'],
      value => ['mongosh', '-u', 'a', '-p', value],
      value => ['sshpass', `-p${value}`, 'ssh', 'host'],
      value => ['curl', '-s', '-u', `joe:${value}`, 'https://host/'],
      value => ['ldapsearch', '-D', 'cn=a', '-w', value],
      value => ['docker', 'login', '-u', 'a', '-p', value],
      value => ['node', 'server.js', '--db-password', value],
      value => ['node', 'server.js', `--api-key=${value}`],
      value => ['env', `PGPASSWORD=${value}`, 'psql'],
    )
    const wrapper = fc.constantFrom<(words: string[]) => string[]>(
      words => ['sudo', '-u', 'x', ...words],
      words => ['env', 'A=b', '-i', ...words],
      words => ['nohup', ...words],
      words => ['timeout', '--signal=KILL', '5', ...words],
      words => ['nice', '-n', '5', ...words],
      words => ['docker', 'exec', '-it', 'db', ...words],
      words => ['kubectl', 'exec', 'pod', '--', ...words],
      words => ['watch', '-n1', words.join(' ')],
      words => ['sh', '-c', words.map(quoted).join(' ')],
      words => ['bash', '-lc', `cd /srv && exec ${words.map(quoted).join(' ')} | tee x`],
    )
    fc.assert(
      fc.property(secret, program, fc.array(wrapper, { maxLength: 3 }), (value, line, wrappers) => {
        const words = wrappers.reduce((inner, wrap) => wrap(inner), line(value))
        expect(maskSecrets(words).join(' ')).not.toContain(value)
      }),
    )
  })

  it('leaves what has no secret as it is written', () => {
    const word = fc.stringMatching(/^[a-m "'$;|&()/.:-]{0,40}$/)
    fc.assert(
      fc.property(fc.array(word), words => {
        expect(maskSecrets(['node', ...words])).toEqual(['node', ...words])
      }),
    )
  })

  it('takes little time with what is long', () => {
    const line = ['sh', '-c', `${'a-'.repeat(200_000)}=${'://'.repeat(10_000)}`]
    const quotes = ['sh', '-c', `"'`.repeat(200_000) + ' \\"'.repeat(100_000)]
    const start = performance.now()
    expect(maskSecrets(quotes)).toHaveLength(3)
    expect(maskSecrets(line)[2]).toBe(`${'a-'.repeat(1024)}...`)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
