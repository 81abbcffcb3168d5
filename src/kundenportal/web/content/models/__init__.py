"""Pages, which are presentation and therefore live here, and what is noted about them."""

from .downloads import DownloadPage, DownloadsPage
from .help import HelpFeedback, HelpIndexPage, HelpPage
from .home import HomePage
from .legal import LegalPage
from .news import ArticlePage, ArticleRead, NewsIndexPage
from .pages import Audience
from .shipped import Shipped

__all__ = [
    "ArticlePage",
    "ArticleRead",
    "Audience",
    "DownloadPage",
    "DownloadsPage",
    "HelpFeedback",
    "HelpIndexPage",
    "HelpPage",
    "HomePage",
    "LegalPage",
    "NewsIndexPage",
    "Shipped",
]
