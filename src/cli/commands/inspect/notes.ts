import type { CommandDefinition } from '../types.ts'

/** What there is to know beyond the options of `sockctl inspect`. */
export const INSPECT_NOTES: NonNullable<CommandDefinition<never>['notes']> = [
  {
    title: 'What is shown',
    text: `Without options: the programs that listen on TCP and UDP, a line for each port, with their project, their age, who can reach them, and what is odd about them. An orphan has lost its terminal or the process that started it, and no service keeps it; idle is a listener that runs for a day or longer with nobody connected. Both look forgotten. With --columns, --sort, --netns or --container it is a list of sockets.

With one target and no option of a list: a report (below). With --port, --pid, --process, or several ports: every matching socket in every state, with processes.

With a filter: the same. Words that are no ports are one, in the language of ss(8), and more: sockctl help filters. States in it decide alone; -l and -a do not count then.

With any option of ss(8), also beside a filter in the words of ss: what ss shows for it. Connected sockets only, unless -l, -a or --state says otherwise; processes with -p. Of -l and -a the last one counts, and --state overrides both. --json, --ndjson and --csv show the same sockets as without them, always with processes.

Where no protocol is named, these are TCP, UDP and unix sockets; ss has raw, packet and netlink sockets among them.

-A takes inet, all and the names of the protocols, with ! before those to leave out. A protocol that this system cannot list is said, unless it was only one of all. Ping sockets are not shown, as in ss.

-s and --group-by count all states; a socket that several processes hold counts for each of them. A port number may be a range, a list or the name of a service; names of hosts and services are never looked up for the output.`,
  },
  {
    title: 'Targets',
    text: `A target is one word: a port (8080, :8080), an address (127.0.0.1:8080, [::1]:80, localhost:5173, which is both loopbacks; also as a URL: http://localhost:3000/), pid:1234, unix:/path (or /path, or @name for an abstract one), or the name of a program. The report begins with the answer and ends with the next command to type. --json gives the same as a document: see sockctl help json.

The report on a port says who listens, since when, in which project, started by what, in which container or service; who inherited the socket of a program that has ended; who bound the port without listening; which connection drew it as its source; how long TIME-WAIT lasts; who waits to be accepted; and that several listeners share it. It tries for real whether a TCP server could listen now on 0.0.0.0, ::, 127.0.0.1 and ::1, with SO_REUSEADDR, as Node and most servers do. On Linux the port is only bound for that, and never open; elsewhere, and without the package koffi, it is open for a moment. --no-bind leaves this out.

The report on a unix socket connects only where no process is seen that has it: whether somebody answers decides whether the file is stale.

A name is that of a process, or of the file that it runs. Of several processes with sockets, they are listed.`,
  },
  {
    title: 'Other machines and containers',
    text: `With - the sockets are read from stdin: the text of tables of /proc/net, one or several with their headings, copied from where there is nothing but cat. All that is in the text is shown, unless options choose. The headings of udp6, udplite6 and raw6 are the same, as are those of udp and udplite: they are taken for UDP, unless the text is of tail -n +1, which names the files. Who holds a socket is not in the text.

With --proc the tables are read from the folder net of that folder: the /proc of a container, or a copy.`,
  },
  {
    title: 'Diagnosis',
    text: `--diagnose looks at every socket of the machine twice, a second apart, at the processes that hold them, and at what the kernel counts. It prints what is wrong, the worst first: the numbers that show it, what it means, and what helps. On a machine at rest it finds nothing.

A port, --port, --pid, --process, --state, a protocol or a filter leaves only the findings about such sockets. With --interval 0 there is one look, and what has to grow to be seen is not found. sockctl-findings(7) explains every finding and its threshold.`,
  },
  {
    title: 'Columns',
    text: `RECV-Q and SEND-Q are bytes: not read yet by the process, and not acknowledged yet by the other end. On a TCP listener they are connections: those that wait to be accepted, and how many may. A ? is a number that the source does not know. DROPS stands there when one of them had to turn something away; among connections it is asked for only by -m or --columns +drops.

sockctl help columns explains all the others, those of -o, -e, -i and -m among them. Where a terminal has no room for these, they stand in words below each socket, and so does the process; -O keeps a line for each, and so does a pipe.

SEEN FROM in the overview, and the column OPEN TO of a list, say by the address alone who can reach a listener; a firewall may know better.

PROCESS names every holder by name, pid and descriptor. Names are chosen by the process and at most 15 bytes long; unusual ones are quoted. In brackets stands why nobody can be named:

  (owner hidden: uid 33 www-data)  another user's; root can see it
  (waiting to be accepted by ...)  connected, not accept(2)ed yet
  (kernel: time-wait)              no process needs it any more
  (orphan: process closed it)      the kernel still sends what is left
  (no process found ...)           of the kernel, or in another container

A unix socket without a name is shown by its inode, #4711; a connected one as path#inode, and its PEER is the inode of the other end.`,
  },
  {
    title: 'Watching',
    text: `--watch goes on looking at what was asked for until Ctrl-C, or for --count intervals. On a terminal it is a live table, the latest changes first: + is new, ~ in another state, - gone for one look. The bars show how many there were of each state at the last looks, between the least and the most. Keys: s sorts by the next column, r turns the order round, / keeps the rows with the words that follow, p pauses, q ends; arrows and Page Up and Down move.

Without a terminal every change is a line: here (there from the beginning, unless --changes-only), open, state, owner, close. With --json or --ndjson it is an object with the same word in event, and the sockets of the beginning are socket.

A socket that does not match any more counts as closed. One that opens and closes between two looks is not seen. Who holds a new one is looked for at once, first with the processes that were found last, and never for more than a fiftieth of the time with all others: it may be named later (owner), or not at all when it lives shortly. What a process leaves behind keeps its name: "node pid=4711, left".`,
  },
  {
    title: 'Leaks',
    text: `--leaks looks twice, a second apart (--interval), or in every interval of --watch, and names the processes that hold sockets in CLOSE_WAIT, which their peers have closed and they have not, and in FIN_WAIT_2, of which they have closed one direction only. It is a leak when they become more while most of the earlier ones stay, or when 20 stay; with --max, when there are more than that, and only then. How long a socket has been in a state the kernel does not tell: rates and times are since the watch began.

Connections in CLOSE_WAIT that were never accepted are no leak: their listener does not take its connections, and is named. Words and filters choose among the sockets: --leaks --pid 4711.

--json writes kind (close-wait, fin-wait-2, unaccepted), isLeak, pid, name, count, countBefore, stayed, isGrowing, perSecond, openDescriptors, descriptorLimit, secondsLeft and peers, in the key leaks; with --watch in a line for each interval.`,
  },
  {
    title: 'Client ports',
    text: `A connection to elsewhere needs a port of this machine, and has it for itself among those from the same address to the same service. --ephemeral counts which ports of the range are taken for each such target, TIME_WAIT among them, and how many new ones come in a second. So many a second can go on for ever as there are ports for each of the seconds that TIME_WAIT lasts; where a setting (tcp_tw_reuse) lets connections take such a port sooner, which on loopback is usual, those ports do not count as used.

Who makes the connections is known as far as they were seen alive; --watch sees more. With --max the exit code is 1 when a target has used more than so many percent.

--json writes range (first, last, reserved, usable, timeWaitSeconds, reuse) and destinations (from, host, port, used, timeWait, established, reusable, percent, perSecond, ceilingPerSecond, madeBy, hidden: how many connections of which uid have owners that may not be seen).`,
  },
  {
    title: 'Checks in scripts',
    text: `--fail-if-any, --fail-if-none and --max say on stderr how many sockets there are and name the first few. Where sockets that cannot be seen could change the answer, the exit code is 8 or 9, and not 0. -q shows nothing; by itself it asks whether there are any.

--save keeps what is seen now, owners and all, in a file that only its user may read; --diff compares with it. Without other options both are about TCP and UDP in every state; with others they have to be the same for both. New is: a listener at an address that had none; a listener held by a program or user that did not hold it before, whatever its pid; more connections of a program with a peer than before, open or in close-wait. What is gone is said, and is no reason to fail. A plain --json can be compared with as well.`,
  },
  {
    title: 'Policies',
    text: `--policy checks what listens against a file of one rule per line; --write-policy prints one to begin with:

  default deny
  tcp *:22 sshd user=root              # remote access
  tcp localhost:5432 postgres
  require tcp 0.0.0.0:80,443 nginx,"my app"
  deny tcp *:23
  unix /run/*.sock

A rule is [allow, deny or require], a protocol (tcp, udp, unix), an address and port or a path, and perhaps names of processes and a user. The address is *, which is every local one, localhost, a literal one, or a network as 10.0.0.0/8 or [fd00::/8]; ports are numbers, lists, ranges, names or *. Names may be patterns with * and ?, and stand in quotes, as JSON writes them, when they have a blank or mean themselves.

The first rule that fits decides; one that allows an address to another process or user only is broken when no other rule allows it. All holders of a socket have to be allowed; deny needs one. require allows, and fails as well when nothing listens there. What no line names is denied, unless the default is allow. UDP counts where it waits for anybody; a client that does needs a rule as well, such as udp *:32768-60999. Unix sockets are looked at when a rule names one, or with -x.`,
  },
  {
    title: 'Results for other programs',
    text: `With --policy and --diff the results take the place of the sockets: a line for each, with --json the key checks. --github writes what fails as annotations of GitHub Actions, --junit all of it as JUnit XML; these two take the other checks too, and the findings of --diagnose: a test case for each rule, skipped where hidden owners leave it without an answer.

--prom writes metrics in the text format of Prometheus: sockctl_sockets by protocol, family and state, and by what --group-by names (of a process the name, without the pid); of each listener sockctl_listener_accept_queue, _accept_queue_limit and _drops_total; and sockctl_warnings, what could not be seen. Without other options it is about TCP and UDP in every state. That there is none is 0, with exit code 0. For the textfile collector of node_exporter:

  sockctl inspect --prom > node.prom.tmp && mv node.prom.tmp node.prom`,
  },
  {
    title: 'To free a port',
    text: `--free stops who listens on a TCP port, or holds it without listening, and with -u who waits on one of UDP: never who is only connected. Every process that holds it is named, with its folder, user and age, and with what would start it again; then it asks, and only y goes on. Where a child has inherited the port, all holders are stopped or none. A suspended one is woken so that it can obey.

The process is looked at once more in the instant of the signal: one that has another start time, or does not hold the socket any more, gets none. It has 5 s to end, or what --grace says; killed it is only after another question, or with --force. Then the port is bound for a moment, which proves that it is free, and watched for 2 s, in case somebody starts it again.

Nothing is stopped when it is pid 1 or another manager of services, sockctl itself or what it runs in, the ssh server of this session, what holds ports for containers (docker-proxy, conmon, pasta and their kin), a process of another user unless you are root, or one outside of --expect-cwd. What to type in its place is said.

Without a terminal nobody can be asked: then nothing happens without --yes, which is exit code 1, as is the answer no. --yes answers every question; --force is still needed to kill. With --dry-run nothing is asked or done, and the exit code is 0 unless nothing holds the port. What is said stands on stderr; --json prints a document.

unix:/path --free removes the file of a socket on which nobody listens any more, if it is a socket and yours; it is tried again before.`,
  },
  {
    title: 'To end connections',
    text: `--close ends the selected connections in the kernel (SOCK_DESTROY), without their processes: each process gets an error, and the other end a reset. It takes root (CAP_NET_ADMIN), sock_diag, and a filter; listeners and sockets without another end are left alone, and so is the ssh connection by which you are here. Each is named to the kernel by its cookie, so that no other can be hit.

A connection in CLOSE-WAIT disappears like this, but its process keeps the descriptor: a leak is cured only in the program, or by its restart.`,
  },
  {
    title: 'Counters',
    text: `--counters shows what the kernel of Linux has counted in this network namespace since it began, by the names of nstat(8), each with what it means: those that are explained here and are not zero, or all with -a. A word picks those whose name or heading has it in it; with * or ? it is a pattern of the whole name. The level of memory, of orphans, of open files and of softnet is that of the whole machine.

--watch shows one line for each counter that changed in the interval: by how much, how much that is in a second, and where it stands. It goes on until Ctrl-C, or for --count intervals; --json writes a JSON object per line then.`,
  },
  {
    title: 'Other systems',
    text: `On macOS netstat(1) is run, and lsof(8) beside it for descriptors and all holders; on Windows the tables of iphlpapi.dll are read, or netstat -ano where they cannot be, and tasklist for names. They show less than Linux does, and a line below the output says what. None of this has been run on those systems yet: it is tested on recorded text, and on tables made for the tests.

When these fail, and on other systems, the package systeminformation is the last resort.`,
  },
  {
    title: 'Namespaces and containers',
    text: `Each network namespace has sockets of its own, and Linux shows those of the one that asks. --netns looks into another: one with a name (ip-netns(8)), that of a process, that of a container, or all in which a process lives. To enter one takes root. Without that the tables are read that its processes have in /proc, which tell less; what cannot be read at all is said.

--container shows the sockets that processes of a container hold, in its network. Containers are told by the names of their cgroups: Docker, Podman, containerd, CRI-O, Kubernetes, LXC, systemd-nspawn. Their names only Docker and Podman know, who are asked through their unix socket, if it answers. Without that, and for all others, the id will do; its first digits are enough. This has been tested against a server that answers as the API of Docker documents, not against an engine.

Processes that do not tell in which network namespace they live are known by their tables in /proc: a namespace that only they show has no number, and is called by one of them, pid:4711.`,
  },
  {
    title: 'Exit code',
    text: `0 when there was something to show or nothing was named, 1 when nobody holds the target (nor keeps a server from listening on a port), no socket matches a port, state, pid, process or filter that was named, a check fails, --leaks sees a leak, --ephemeral more than --max says, --diagnose what --fail-on names, or --free or --close did not do what was asked, 2 when a filter, a policy or a saved file cannot be read, 3 when there is no such pid, unix socket, host, interface, cgroup, network namespace or container, 8 when the answer depends on owners or marks that are hidden (also where --fail-on or --leaks finds nothing and could not see all), or what is to be freed or ended is not yours, 9 when no source answers on this system, or not what the filter asks about.`,
  },
]
