import { expect, it } from 'vitest'
import { scriptOf } from '../../../../src/inspect/owners/process/program.ts'

it.each([
  ['node server.js', 'server.js'],
  ['node --watch src/server.js --port 1', 'server.js'],
  ['/usr/bin/node --require ./a.js b.js', 'b.js'],
  ['node /x/node_modules/vite/bin/vite.js', 'vite'],
  ['node /x/node_modules/.bin/vite', 'vite'],
  ['node /x/node_modules/@nestjs/cli/bin/nest.js start', '@nestjs/cli'],
  ['python3 -m http.server 8000', 'http.server'],
  ['python3.11 app.py', 'app.py'],
  ['java -cp a.jar -jar demo.jar', 'demo.jar'],
  ['deno run -A main.ts', 'main.ts'],
  ['node -e 1', undefined],
  ['node', undefined],
  ['nginx -g daemon', undefined],
  ['', undefined],
])('says what %j runs', (line, script) => {
  expect(scriptOf(line.split(' '))).toBe(script)
})
