#!/usr/bin/env node
'use strict'

if (process.argv.length === 3 && process.argv[2] === '--version') {
  // Answered before anything is loaded.
  process.stdout.write(`${require('../package.json').version}\n`)
} else {
  require('node:module').enableCompileCache?.()
  loadMain()
    .main(process.argv.slice(2))
    .then(code => {
      process.exitCode = code
      // A shell stops its loop on Ctrl-C only when the command itself died of it (signal(7)).
      if (code === 130) process.once('exit', () => process.kill(process.pid, 'SIGINT'))
    })
}

function loadMain() {
  try {
    return require('../dist/main.js')
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    process.stderr.write('sockctl: dist/ is not built. In a clone, run: npm run build\n')
    process.exit(70)
  }
}
