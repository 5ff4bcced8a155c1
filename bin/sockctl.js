#!/usr/bin/env node
'use strict'

const { existsSync, writeSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')

if (process.argv.length === 3 && process.argv[2] === '--version') printVersion()
else if (existsSync(join(root, 'dist/main.js'))) run()
else {
  process.stderr.write('sockctl: dist/ is not built. In a clone, run: npm run build\n')
  process.exitCode = 70
}

/** Before anything is loaded, and not by process.stdout: to open it takes longer than the rest. */
function printVersion() {
  try {
    writeSync(1, `${require('../package.json').version}\n`)
  } catch (error) {
    if (error.code === 'EPIPE') return
    process.stderr.write(`sockctl: cannot write to stdout: ${error.message}\n`)
    process.exitCode = 4
  }
}

function run() {
  // What a bundled package is built on is no news to whoever runs a command, and not his to mend.
  process.noDeprecation = true
  // Beside the code, where only those can write who can change the code anyway. Node's own choice
  // is the shared /tmp, and what it finds there it runs.
  require('node:module').enableCompileCache?.(join(root, 'node_modules/.cache/sockctl'))
  const { main, crash } = require('../dist/main.js')
  process.once('uncaughtException', error => {
    crash(error).then(code => process.exit(code))
  })
  main(process.argv.slice(2)).then(code => {
    process.exitCode = code
    // A shell stops its loop on Ctrl-C only when the command itself died of it (signal(7)).
    if (code === 130) process.once('exit', () => process.kill(process.pid, 'SIGINT'))
  })
}
