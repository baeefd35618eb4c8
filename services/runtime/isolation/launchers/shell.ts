/**
 * The launcher where perl is missing: any POSIX shell, with the `setsid` and `env` of util-linux and coreutils or of
 * busybox. It is slower (each of these is a program to start), and three things it cannot do: tell `exit 137` from
 * SIGKILL, give a run back its SIGINT, which a shell ignores in whatever it starts in the background, and hand
 * over variables that the shell takes for its own, such as IFS.
 */
import type { LaunchRequest } from '../launcher.ts'

/**
 * One command of the shell, in single quotes throughout. The brackets see to it that a request of which only a part
 * arrives, because we died while writing it, is an error of syntax and not a shorter command.
 */
export function encodeForShell(request: LaunchRequest): Buffer {
  const env = Object.entries(request.env).map(([name, value]) => quote(`${name}=${value}`))
  const words = [
    quote(request.runId),
    quote(request.sandbox),
    `${request.links.length}`,
    ...request.links.flat().map(quote),
    ...env,
    '"$shell" -c "$become"',
    quote(request.runId),
    ...request.argv.map(quote),
  ]
  return Buffer.from(`( launch ${words.join(' ')} & )\n`)
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

export const shellProgram = `
trap : HUP INT TERM PIPE
exec 3>&1 >/dev/null 2>&1
setsid=$(command -v setsid) env=$(command -v env) shell=$(command -v sh)

# Told from here, for only now does a signal to the group do what it should. The trap runs where exec fails.
become='
trap "echo >refused" EXIT
# Whoever listened may be gone; what is caught, unlike what is ignored, is as it was after the exec.
trap : PIPE
case $1 in
  */*) [ -e "$1" ] || exit 127; [ -f "$1" ] && [ -x "$1" ] || exit 126 ;;
  *) command -v -- "$1" >/dev/null || exit 127 ;;
esac
echo "started $0 $$" >&3
exec "$@" 3>&-
'

launch() {
  run=$1
  trap '' HUP INT TERM PIPE
  cd "$2" || { echo "failed $run refused the sandbox cannot be entered" >&3; return; }
  links=$3
  shift 3
  # Whoever makes this file begins the run, and nobody else (see traces.ts).
  set -C
  true >stdout || { untaken; return; }
  set +C
  while [ "$links" -gt 0 ]; do
    case $1 in */*) mkdir -p "\${1%/*}" ;; esac
    ln -s "$2" "$1" || { code=126; refuse; return; }
    links=$((links - 1))
    shift 2
  done
  ( trap - HUP INT TERM PIPE; exec "$setsid" "$env" -i "$@" </dev/null >>stdout 2>>stderr ) &
  echo "$!" >pid
  wait "$!"
  code=$?
  # What its leader leaves behind goes; where it is being stopped, it has its grace.
  [ -e stop ] || kill -KILL -- "-$!"
  if [ "$code" -ge 126 ] && [ -f refused ]; then refuse
  elif [ "$code" -gt 128 ] && [ "$code" -le 192 ]; then end "signal $((code - 128))"
  else end "code $code"
  fi
}

untaken() {
  if [ -e stdout ]; then echo "taken $run" >&3
  else echo "failed $run refused its log cannot be made" >&3
  fi
}

end() {
  echo "$1" >exit.tmp && mv exit.tmp exit
  echo "ended $run $1" >&3
}

refuse() {
  case $code in
    127) why='missing No such file or directory' ;;
    *) why='refused it cannot be executed' ;;
  esac
  echo "$why" >failed.tmp && mv failed.tmp failed
  echo "failed $run $why" >&3
  end "code $code"
}
`
