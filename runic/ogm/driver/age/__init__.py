"""Apache AGE: the graph extension of PostgreSQL, through asyncpg."""

from runic.ogm.driver.age.dialect import AGEDialect
from runic.ogm.driver.age.driver import AGEDriver

__all__ = ["AGEDialect", "AGEDriver"]
