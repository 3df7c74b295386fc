"""Numbers of linux/rtnetlink.h, linux/if_link.h, linux/fib_rules.h and linux/neighbour.h that we use."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class MessageType(IntEnum):
    """What a netlink message is about."""

    ERROR = 2
    DONE = 3
    NEWLINK = 16
    DELLINK = 17
    GETLINK = 18
    SETLINK = 19
    NEWADDR = 20
    DELADDR = 21
    GETADDR = 22
    NEWROUTE = 24
    DELROUTE = 25
    GETROUTE = 26
    NEWNEIGH = 28
    DELNEIGH = 29
    GETNEIGH = 30
    NEWRULE = 32
    DELRULE = 33
    GETRULE = 34
    NEWQDISC = 36
    DELQDISC = 37
    GETQDISC = 38
    NEWTFILTER = 44
    DELTFILTER = 45
    GETTFILTER = 46


class Flag(IntFlag):
    """NLM_F_..."""

    REQUEST = 0x001
    ACK = 0x004
    DUMP_INTERRUPTED = 0x010
    DUMP = 0x300
    REPLACE = 0x100
    EXCLUSIVE = 0x200
    CREATE = 0x400


class Group(IntEnum):
    """RTNLGRP_...: what one may subscribe to."""

    LINK = 1
    NEIGH = 3
    IPV4_ADDRESS = 5
    IPV4_ROUTE = 7
    IPV4_RULE = 8
    IPV6_ADDRESS = 9
    IPV6_ROUTE = 11
    IPV6_RULE = 19


class LinkAttribute(IntEnum):
    """IFLA_..."""

    ADDRESS = 1
    NAME = 3
    MTU = 4
    MASTER = 10
    OPERSTATE = 16
    LINK_MODE = 17
    LINKINFO = 18
    ALIAS = 20
    STATS64 = 23
    AF_SPEC = 26
    CARRIER_UP_COUNT = 47


class LinkInfoAttribute(IntEnum):
    """IFLA_INFO_..."""

    KIND = 1
    DATA = 2
    SLAVE_KIND = 4


class LinkFlag(IntFlag):
    """IFF_..."""

    UP = 0x1
    NO_ARP = 0x80
    CARRIER = 0x10000  # IFF_LOWER_UP
    DORMANT = 0x20000


class OperationalState(IntEnum):
    """IF_OPER_... (RFC 2863)."""

    UNKNOWN = 0
    DOWN = 2
    LOWER_LAYER_DOWN = 3
    UP = 6


class AddressAttribute(IntEnum):
    """IFA_..."""

    ADDRESS = 1
    LOCAL = 2
    FLAGS = 8


class AddressFlag(IntFlag):
    """IFA_F_..."""

    TEMPORARY = 0x01
    NO_DETECTION = 0x02  # of duplicates
    OPTIMISTIC = 0x04
    DUPLICATE = 0x08  # IFA_F_DADFAILED
    DEPRECATED = 0x20
    TENTATIVE = 0x40


class RouteAttribute(IntEnum):
    """RTA_..."""

    DESTINATION = 1
    OUT_INTERFACE = 4
    GATEWAY = 5
    PRIORITY = 6
    PREFERRED_SOURCE = 7
    METRICS = 8
    TABLE = 15
    PREFERENCE = 20


class TrafficAttribute(IntEnum):
    """TCA_...: of queueing disciplines and filters."""

    KIND = 1
    OPTIONS = 2


class BpfFilterAttribute(IntEnum):
    """TCA_BPF_..."""

    DESCRIPTOR = 6
    NAME = 7
    FLAGS = 8


class RuleAttribute(IntEnum):
    """FRA_..."""

    DESTINATION = 1
    SOURCE = 2
    IN_INTERFACE = 3
    PRIORITY = 6
    MARK = 10
    TABLE = 15
    PROTOCOL = 21
    IP_PROTOCOL = 22
    SOURCE_PORTS = 23
    DESTINATION_PORTS = 24


class NeighbourAttribute(IntEnum):
    """NDA_..."""

    ADDRESS = 1
    LINK_LAYER_ADDRESS = 2
    PROTOCOL = 12


AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10
NESTED = 0x8000
ARPHRD_ETHERNET = 1
ARPHRD_PPP = 512
ARPHRD_RAW_IP = 519
ARPHRD_NONE = 0xFFFE
SCOPE_UNIVERSE = 0
SCOPE_LINK = 253
TYPE_UNICAST = 1
TYPE_BROADCAST = 3
TYPE_ANYCAST = 4
LOCAL_TABLE = 255
NEXT_HOP_ON_LINK = 4
METRIC_MTU = 2  # RTAX_MTU
NEIGHBOUR_PERMANENT = 0x80
NEIGHBOUR_NO_ARP = 0x40
RULE_TO_TABLE = 1
RULE_TO_NOWHERE = 6  # FR_ACT_BLACKHOLE
INET_CONF = 1  # IFLA_INET_CONF
INET6_ADDR_GEN_MODE = 8  # IFLA_INET6_ADDR_GEN_MODE
INET6_ADDR_GEN_NONE = 1
VETH_INFO_PEER = 1
CLSACT = 0xFFFFFFF1  # TC_H_CLSACT
CLSACT_HANDLE = 0xFFFF0000
CLSACT_INGRESS = 0xFFFFFFF2
CLSACT_EGRESS = 0xFFFFFFF3
DIRECT_ACTION = 1  # TCA_BPF_FLAG_ACT_DIRECT
