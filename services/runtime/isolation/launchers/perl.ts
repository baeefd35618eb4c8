/**
 * The launcher where perl is (on Debian it always is: perl-base is essential). One process waits for every run, so a
 * run costs one fork and one exec: with a shell it takes a second fork for whoever waits, and a `setsid` program,
 * for only perl can make a process group by itself.
 */
import type { LaunchRequest } from '../launcher.ts'

/** Fields with their length before them: nothing in them can be mistaken for anything else. */
export function encodeForPerl(request: LaunchRequest): Buffer {
  const env = Object.entries(request.env)
  const { runId, sandbox, links, argv } = request
  const counted = [String(links.length), ...links.flat(), String(env.length), ...env.flat()]
  const fields = [runId, sandbox, ...counted, ...argv]
  const frames = fields.map(withLength)
  return withLength(Buffer.concat(frames))
}

function withLength(field: string | Buffer): Buffer {
  const bytes = typeof field === 'string' ? Buffer.from(field) : field
  const frame = Buffer.allocUnsafe(4 + bytes.length)
  frame.writeUInt32BE(bytes.length)
  bytes.copy(frame, 4)
  return frame
}

export const perlProgram = String.raw`
use Fcntl;
$0 = 'proffer launcher';
$^F = 2; # what is opened from here on is closed in the runs, but for their own 0, 1 and 2

# Handlers, not 'IGNORE': a run would inherit that. Whoever started us may die; what runs is waited for all the same.
$SIG{$_} = sub { } for qw(HUP INT TERM PIPE);
open my $requests, '<&', \*STDIN;
open my $events, '>&', \*STDOUT;
open STDIN, '<', '/dev/null';
pipe my $bell, my $ring;
$SIG{CHLD} = sub { syswrite $ring, '.' };

my ($heard, $open, %runs) = ('', 1);
while ($open or %runs) {
  my $ears = '';
  vec($ears, fileno($bell), 1) = 1;
  vec($ears, fileno($requests), 1) = 1 if $open;
  next if select($ears, undef, undef, undef) < 0;
  if (vec($ears, fileno($bell), 1)) { sysread $bell, my $rung, 4096; reap() }
  hear() if $open and vec($ears, fileno($requests), 1);
}

sub hear {
  my $got = sysread $requests, $heard, 65536, length $heard;
  $open = 0 unless $got or not defined $got and $! == 4; # EINTR
  while (length $heard >= 4 and length $heard >= 4 + (my $size = unpack 'N', $heard)) {
    my @fields = unpack '(N/a)*', substr $heard, 4, $size;
    substr($heard, 0, 4 + $size) = '';
    launch(@fields);
  }
}

# All that can be done before the fork is done before it: every page that the child touches has to be copied.
sub launch {
  my ($run, $sandbox, $linked, @rest) = @_;
  my @links = splice @rest, 0, 2 * $linked;
  my $count = shift @rest;
  return tell_of('failed', $run, 'refused', "$!") unless chdir $sandbox;
  # Whoever makes this file begins the run, and nobody else (see traces.ts).
  return tell_of($! == 17 ? ('taken', $run) : ('failed', $run, 'refused', "$!")) # EEXIST
    unless sysopen STDOUT, 'stdout', O_WRONLY | O_APPEND | O_CREAT | O_EXCL;
  return refuse($run, 'refused') unless open STDERR, '>>', 'stderr';
  while (my ($path, $to) = splice @links, 0, 2) {
    mkdir substr $path, 0, $-[0] while $path =~ m{/}g;
    return refuse($run, 'refused') unless symlink $to, $path;
  }
  %ENV = splice @rest, 0, 2 * $count;
  if (my $kind = flaw($rest[0])) { return refuse($run, $kind) }
  my $pid = fork;
  return refuse($run, 'refused') unless defined $pid;
  become($run, @rest) if $pid == 0;
  $runs{$pid} = [$run, $sandbox];
  note("$sandbox/pid", $pid);
}

# Why a program cannot be started, known before there is a process for it.
sub flaw {
  my ($name) = @_;
  my $found;
  for my $path ($name =~ m{/} ? $name : map { "$_/$name" } split /:/, $ENV{PATH}) {
    return if -f $path and -x _;
    $found ||= length $name && -e _;
  }
  $! = $found ? 13 : 2; # EACCES, ENOENT
  return $found ? 'refused' : 'missing';
}

# Told from here, for only now does a signal to the group do what it should.
sub become {
  my ($run, @argv) = @_;
  setpgrp;
  $SIG{$_} = 'DEFAULT' for qw(HUP INT TERM);
  tell_of('started', $run, $$);
  exec {$argv[0]} @argv;
  my $missing = $! == 2 || $! == 20; # ENOENT, ENOTDIR
  refuse($run, $missing ? 'missing' : 'refused');
  exit($missing ? 127 : 126);
}

sub reap {
  while ((my $pid = waitpid -1, 1) > 0) {
    my ($status, $ended) = ($?, delete $runs{$pid});
    my ($run, $sandbox) = @$ended;
    my $how = $status & 127 ? 'signal ' . ($status & 127) : 'code ' . ($status >> 8);
    # What its leader leaves behind goes; where it is being stopped, it has its grace.
    kill 'KILL', -$pid unless -e "$sandbox/stop";
    note("$sandbox/exit", $how);
    tell_of('ended', $run, $how);
  }
}

# In its sandbox, which we are in.
sub refuse {
  my ($run, $kind) = @_;
  my $why = "$!";
  note('failed', "$kind $why");
  tell_of('failed', $run, $kind, $why);
}

sub tell_of { syswrite $events, "@_\n" }

sub note {
  my ($path, $line) = @_;
  open my $file, '>', "$path.tmp" or return;
  (syswrite $file, "$line\n") ? rename "$path.tmp", $path : unlink "$path.tmp";
}
`
