/** Messages that come all the time, and say or ask what changes nothing. */
const routine = new Set([
  'slave.beat',
  'framework.beat',
  'leader.ping',
  'watch.renew',
  'cluster.get',
  'slaves.list',
  'frameworks.list',
  'tasks.list',
  'offers.list',
  'roles.list',
  'explain.get',
  'task.explain',
  'log.read',
])
export const isRoutine = (type: string): boolean => routine.has(type)
