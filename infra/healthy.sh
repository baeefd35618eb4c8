#!/bin/sh
# Whether the master, or the slave, that runs here does its work: it says so itself, on the port of PROFFER_LISTEN.
set -eu

exec node -e "
  fetch('http://127.0.0.1:${PROFFER_LISTEN##*:}/readyz', { signal: AbortSignal.timeout(5000) }).then(
    async (answer) => {
      process.stdout.write(await answer.text())
      process.exitCode = answer.ok ? 0 : 1
    },
    (error) => {
      console.log('nobody answers:', error.message)
      process.exitCode = 1
    },
  )
"
